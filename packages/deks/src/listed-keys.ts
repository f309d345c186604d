/**
 * The KMS keys that the configuration lists for one thing, as ARNs: the authority
 * on which keys KMS is called with for it.
 *
 * A key named by its ARN is that key. An alias or id is looked up, again after a
 * minute, and at once when a key comes up that is not known: the alias may just
 * have been pointed at it. A name that cannot be looked up keeps what it meant.
 */

import type { KmsGovernor } from "@dekhand/kms";
import { type Clock, isKeyArn, type Logger, rateLimited, systemClock, waitFor } from "@dekhand/runtime";
import type { CallOptions } from "@dekhand/store";
import { createSingleFlight } from "./single-flight.ts";

export interface ListedKeysDeps {
  /** Aliases, ids and ARNs, of the governor's Region. */
  readonly names: readonly string[];
  readonly kms: Pick<KmsGovernor, "describeKey">;
  /** What the keys are for, in the log: "the wrap store orders". */
  readonly purpose: string;
  /** Default: a name that cannot be looked up is told only to whom it fails. */
  readonly logger?: Logger;
  readonly clock?: Pick<Clock, "monotonic">;
}

export interface ListedKeys {
  /** Looks the names up. One that cannot be is left out, with a warning. */
  resolve(options?: CallOptions): Promise<void>;
  /**
   * Whether the list has that key. Throws what the look-up of a name failed with that never meant anything, where only
   * that could tell.
   */
  allows(keyArn: string, options?: CallOptions): Promise<boolean>;
}

/** How long a look-up is trusted, in milliseconds. */
const refreshMs = 60_000;
/** A stranger's key in a table must not cost a look-up for every wrap. */
const missIntervalMs = 5_000;

export function createListedKeys(deps: ListedKeysDeps): ListedKeys {
  const { names, kms, purpose, clock = systemClock } = deps;
  const arns = new Map(names.filter(isKeyArn).map((name) => [name, name]));
  const failures = new Map<string, unknown>();
  const lookUps = createSingleFlight<void>();
  const warnings = deps.logger && rateLimited(deps.logger, { everyMs: 10_000 });
  let askedAt = Number.NEGATIVE_INFINITY;

  const lookUp = async (name: string) => {
    try {
      arns.set(name, (await kms.describeKey(name)).arn);
      failures.delete(name);
    } catch (error) {
      warnings?.log("warn", name, { err: error, key: name }, `a key of ${purpose} cannot be looked up`);
      failures.set(name, error);
    }
  };

  const refresh = async (maxAgeMs: number, signal: AbortSignal | undefined) => {
    signal?.throwIfAborted();
    if (clock.monotonic() - askedAt < maxAgeMs) return;
    const flight = lookUps.run("all", async () => {
      const now = clock.monotonic();
      await Promise.all(names.filter((name) => !isKeyArn(name)).map(lookUp));
      askedAt = now;
    });
    await waitFor(flight, signal);
  };

  return {
    resolve: ({ signal } = {}) => refresh(refreshMs, signal),
    async allows(keyArn, { signal } = {}) {
      for (const maxAgeMs of [refreshMs, missIntervalMs]) {
        await refresh(maxAgeMs, signal);
        if ([...arns.values()].includes(keyArn)) return true;
      }
      for (const [name, error] of failures) {
        if (!arns.has(name)) throw error;
      }
      return false;
    },
  };
}
