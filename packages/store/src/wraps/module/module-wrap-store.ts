/**
 * A wrap store that is a module of the user's.
 *
 * Nothing that it answers is believed: pages, wraps and outcomes are checked,
 * what it throws becomes a StoreError, and a signal ends a call even where the
 * module does not look at it.
 */

import { waitFor } from "@dekhand/runtime";
import { forEachLimited } from "../../dynamodb/for-each-limited.ts";
import { StoreError } from "../../errors.ts";
import { requireScan, requireStoreName, segmentsWithin } from "../check-call.ts";
import { readPage } from "../found-wrap.ts";
import { failedSwap, outcomeOf } from "../swap-outcomes.ts";
import type { SwapOutcome, WrapStore, WrapSwap } from "../wrap-types.ts";
import { moduleInvalid, readModule, readModulePage, readModuleWrap } from "./module-answers.ts";
import type { WrapStoreModule } from "./module-types.ts";

export interface ModuleWrapStoreOptions {
  readonly name: string;
  /** The Region whose KMS the wraps belong to. */
  readonly region: string;
}

const maxSegments = 1_000;
const maxSwapsAtOnce = 16;

/**
 * `module` is what `import()` gave: see WrapStoreModule. Throws
 * STORE_MODULE_INVALID where it lacks a function, STORE_VALUE_INVALID for the name.
 */
export function createModuleWrapStore(module: unknown, { name, region }: ModuleWrapStoreOptions): WrapStore {
  const user = readModule(module);
  const segments = (wanted: number): number => {
    const given = user.segments?.(segmentsWithin(wanted, maxSegments)) ?? 1;
    if (Number.isInteger(given) && given >= 1 && given <= wanted) return given;
    throw moduleInvalid("segments", "it answers no whole number from 1 to what was wanted");
  };

  const read = async (id: string, signal: AbortSignal | undefined) => {
    const found = await call("read", signal, () => user.read(id, { signal }));
    return found === undefined || found === null ? undefined : readModuleWrap(found, "read");
  };

  const swapOne = async (swap: WrapSwap, signal: AbortSignal | undefined): Promise<SwapOutcome> => {
    const answer: unknown = await call("swap", signal, () => user.swap(swap, { signal }));
    if (answer === "swapped" || answer === "gone") return { kind: answer };
    if (answer !== "conflict") throw moduleInvalid("swap", "it answers none of swapped, conflict and gone");
    const found = await read(swap.id, signal);
    return outcomeOf(swap, found && (found.blob instanceof Uint8Array ? found.blob : new Uint8Array()));
  };

  return {
    name: requireStoreName(name),
    region,
    labels: {
      keyArn: user.labels?.keyArn ?? false,
      material: user.labels?.material ?? false,
      campaign: user.labels?.campaign ?? false,
    },
    segments,
    async scan(segment, options = {}) {
      const { cursor, consistent = false, signal } = options;
      const pageSize = requireScan(segment, options, maxSegments);
      const settings = { pageSize, consistent, signal, ...(cursor === undefined ? {} : { cursor }) };
      const answer = await call("scan", signal, () => user.scan(segment, settings));
      const { found, cursor: next } = readModulePage(answer);
      // A scan that goes round in circles would never end.
      if (next !== undefined && next === cursor) throw moduleInvalid("scan", "its cursor does not move on");
      const page = readPage(
        found,
        ({ id }) => id,
        (wrap) => wrap.read(),
      );
      return next === undefined ? page : { ...page, cursor: next };
    },
    read: async (id, { signal } = {}) => (await read(id, signal))?.read(),
    async swap(swaps, { signal } = {}) {
      const outcomes: SwapOutcome[] = [];
      await forEachLimited([...swaps.entries()], maxSwapsAtOnce, async ([index, swap]) => {
        try {
          outcomes[index] = await swapOne(swap, signal);
        } catch (error) {
          outcomes[index] = failedSwap(error, signal, (cause) => moduleFailure(cause, "swap"));
        }
      });
      return outcomes;
    },
  };
}

/** Runs a function of the module: throws the signal's reason when that was aborted, a StoreError for all it throws. */
async function call<T>(
  name: keyof WrapStoreModule,
  signal: AbortSignal | undefined,
  run: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  try {
    // Async, so that a module which throws before it has a promise is no different.
    return await waitFor((async () => run())(), signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw moduleFailure(error, name);
  }
}

function moduleFailure(error: unknown, name: string): StoreError {
  if (error instanceof StoreError) return error;
  const final = error instanceof Error && "retryable" in error && error.retryable === false;
  return new StoreError("STORE_MODULE_FAILED", `the wrap store's module failed in ${name}`, {
    retryable: !final,
    context: { function: name },
    cause: error,
  });
}
