/**
 * Rewraps one page of wraps: what is stale goes through KMS's ReEncrypt, and is
 * swapped where it still is what was read. Item by item: one that fails stops no
 * other. What would fail for all of them stops the page and blames none.
 *
 * What was re-encrypted is swapped even after a stop. Running a page again is
 * safe: what was swapped says so, or is found by KMS to be current.
 */

import { anySignal } from "@dekhand/runtime";
import type { CallOptions, SwapOutcome, WrapRef, WrapStore } from "@dekhand/store";
import type { CurrentBy } from "./is-current.ts";
import { type PageStop, troubleOf, type WrapFailure, worseStop } from "./page-stop.ts";
import type { RewrapOrder } from "./rewrap-order.ts";
import { type RewrapWrapDeps, rewrapWrap } from "./rewrap-wrap.ts";
import { createSwapBatches } from "./swap-batches.ts";

/**
 * - `swapped`: by this call; `material` where KMS told it.
 * - `current`: nothing to do. `other`: under a key that the campaign does not concern.
 * - `conflict`: somebody else changed it in the meantime; the next sweep finds it again. `gone`: it is there no more.
 * - `copied`: it is a copy, and home's wrap took its place. `waits`: likewise, and home's is itself still to be rewrapped.
 * - `failed`: for a reason of its own.
 * - `left`: not done, because the page was stopped; the page has to be run again.
 */
export type RewrapOutcome =
  | { readonly kind: "swapped"; readonly material?: string }
  | { readonly kind: "current"; readonly by: CurrentBy }
  | { readonly kind: "other" | "conflict" | "gone" | "left" | "copied" | "waits" }
  | { readonly kind: "failed"; readonly failure: WrapFailure };

export interface PageResult {
  /** In the order of the wraps. */
  readonly outcomes: readonly RewrapOutcome[];
  /** Present where the page was stopped by what would have failed for the others, too. */
  readonly stop?: PageStop;
}

export interface RewrapPageDeps extends Omit<RewrapWrapDeps, "labels" | "now"> {
  readonly store: Pick<WrapStore, "labels" | "swap">;
  /** For `wrappedAt`. Default: the machine's clock. */
  readonly now?: () => Date;
}

export interface RewrapPageOptions extends CallOptions {
  /** Aborted: no further KMS call, but what was re-encrypted is still swapped. `signal` ends that, too. */
  readonly halt?: AbortSignal | undefined;
  /** For how long wraps may be swapped from now on, in milliseconds; asked before each call of the store. Default: no limit. */
  readonly swapWithinMs?: (() => number) | undefined;
  /** KMS calls at once. Default 64. */
  readonly concurrency?: number | undefined;
  /** For each KMS call, retries and waiting for its turn included, in milliseconds. Default 300,000. */
  readonly deadlineMs?: number | undefined;
}

/** Throws nothing but faults in the code: an aborted signal leaves items `left`. */
export async function rewrapPage(
  wraps: readonly WrapRef[],
  order: RewrapOrder,
  { kms, store, admit, now = () => new Date() }: RewrapPageDeps,
  { signal, halt, swapWithinMs, concurrency = 64, deadlineMs = 300_000 }: RewrapPageOptions = {},
): Promise<PageResult> {
  const outcomes: RewrapOutcome[] = wraps.map(() => ({ kind: "left" }));
  const stopped = new AbortController();
  using ending = anySignal([signal, halt, stopped.signal]);
  const batches = createSwapBatches(store, { signal, withinMs: swapWithinMs });
  let stop: PageStop | undefined;
  const stopWith = (reason: PageStop) => {
    stop = worseStop(stop, reason);
    stopped.abort(reason);
  };

  const settle = (index: number, outcome: SwapOutcome, material: string | undefined) => {
    const trouble = outcome.kind === "failed" ? troubleOf(outcome.error) : undefined;
    if (trouble?.kind === "stop") stopWith(trouble.stop);
    // Given up for lack of time, not because this side wanted to end.
    if (trouble?.kind === "cancelled" && !signal?.aborted) stopWith(unseen);
    outcomes[index] = outcomeOfSwap(outcome, trouble, material);
  };

  const deps = { kms, admit, now, labels: store.labels };
  const queue = wraps.entries();
  const lane = async () => {
    for (const [index, wrap] of queue) {
      if (ending.signal.aborted) return;
      const done = await rewrapWrap(wrap, order, deps, { signal: ending.signal, deadlineMs });
      if (done.kind === "swap") batches.add(done.swap, (outcome) => settle(index, outcome, done.swap.next.material));
      else if (done.kind === "stop") stopWith(done.stop);
      else if (done.kind !== "cancelled") outcomes[index] = done;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, wraps.length) }, lane));
  await batches.flush();
  return { outcomes, ...(stop === undefined ? {} : { stop }) };
}

export const unseen: PageStop = {
  kind: "later",
  class: "unseen",
  code: "CAMPAIGN_UNSEEN",
  message: "the campaign could not be looked at lately, so nothing is swapped for it",
};

function outcomeOfSwap(
  outcome: SwapOutcome,
  trouble: ReturnType<typeof troubleOf> | undefined,
  material: string | undefined,
): RewrapOutcome {
  if (outcome.kind === "swapped") return { kind: "swapped", ...(material === undefined ? {} : { material }) };
  if (outcome.kind !== "failed") return outcome;
  return trouble?.kind === "item" ? { kind: "failed", failure: trouble.failure } : { kind: "left" };
}
