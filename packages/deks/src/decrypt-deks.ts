/**
 * DEKs for opening: unwrapped on demand, checked against the commitment, kept
 * for a hard lifetime, and unwrapped anew ahead of its end while they are read.
 *
 * What lies in the table beside a wrap (key ARN, context, profile) is a label.
 * A DEK is unwrapped only under a key that the configuration lists for its
 * profile, with the KMS context that follows from the DEK id asked for and the
 * record's own context, and used only if it fits the stored commitment. A
 * refresh is a first unwrap in all of this: it reads the table again. If it
 * fails, nothing is prolonged, and who reads after the lifetime is told why.
 */

import { type Dek, type EncryptionContext, recoverDek } from "@dekhand/envelope";
import { KmsError, type KmsGovernor } from "@dekhand/kms";
import { type Clock, type Metrics, systemClock, waitFor } from "@dekhand/runtime";
import type { CallOptions, DekStore, DekWithWrap } from "@dekhand/store";
import { LRUCache } from "lru-cache";
import { createCacheMetrics } from "./cache-metrics.ts";
import { DeksError } from "./errors.ts";
import type { KeyDirectory } from "./key-directory.ts";
import { expectedKmsContext } from "./kms-context.ts";
import type { DekLease } from "./shared-dek.ts";
import { createSingleFlight } from "./single-flight.ts";
import { createTimedDek, type TimedDek } from "./timed-dek.ts";

export interface DecryptDeksDeps {
  readonly region: string;
  readonly keys: Pick<KeyDirectory, "allows">;
  readonly kms: Pick<KmsGovernor, "decrypt">;
  readonly store: Pick<DekStore, "get">;
  readonly metrics: Metrics;
  /** Unwrapped DEKs kept. Default 1,000. */
  readonly maxDeks?: number;
  /** Milliseconds after which a DEK is wiped however often it is used. Default 300,000. */
  readonly lifetimeMs?: number;
  readonly clock?: Pick<Clock, "monotonic">;
}

export interface DecryptDeks {
  /**
   * A lease on the DEK of a record that has `context`. Throws DEKS_NOT_FOUND,
   * DEKS_PROFILE_UNKNOWN, DEKS_CONTEXT_MISMATCH and DEKS_KEY_NOT_ALLOWED before
   * any KMS call; DEKS_UNWRAP_REFUSED when KMS refuses the wrap;
   * ENVELOPE_AUTHENTICATION_FAILED when the key does not fit its commitment.
   */
  acquire(
    request: { readonly dekId: string; readonly context: EncryptionContext },
    options?: CallOptions,
  ): Promise<DekLease>;
  close(): void;
}

interface Opened {
  readonly timed: TimedDek;
  readonly stored: DekWithWrap;
  /** A hit that finds no more than this left of the lifetime, in milliseconds, starts a refresh. */
  refreshAtMs: number;
}

/** The part of the lifetime that is left when a DEK in use is unwrapped anew. */
const refreshAt = 0.2;

/** The part of the lifetime between a failed refresh and the next: at most four tries, however hot the DEK. */
const retryAfter = 0.05;

export function createDecryptDeks(deps: DecryptDeksDeps): DecryptDeks {
  const { clock = systemClock, lifetimeMs = 300_000 } = deps;
  const lookups = createSingleFlight<DekWithWrap>();
  const unwraps = createSingleFlight<Opened>();
  const refreshing = createSingleFlight<void>();
  const stopped = new AbortController();
  // At the end of its lifetime an entry loses its key by itself. Its labels remain until somebody asks, or eviction.
  const cache = new LRUCache<string, Opened>({
    max: deps.maxDeks ?? 1_000,
    dispose: ({ timed }) => timed.retire(),
  });
  const hits = deps.metrics.counter("dek_decrypt_cache_hits_total", "Records opened under a DEK already unwrapped");
  const misses = deps.metrics.counter("dek_unwraps_total", "DEKs unwrapped by KMS for opening");
  const { waits, refreshes } = createCacheMetrics(deps.metrics);

  const lookUp = (dekId: string) =>
    lookups.run(dekId, async () => {
      const found = await deps.store.get(dekId, deps.region, { signal: stopped.signal });
      if (!found)
        throw new DeksError("DEKS_NOT_FOUND", "no such DEK, or no wrap of it, in this Region", {
          context: { dekId, region: deps.region },
        });
      return found;
    });

  /** With a DEK's lifetime, what its labels said is over too: the table is read again. */
  const inLife = (dekId: string) => {
    const known = cache.get(dekId);
    if (known?.timed.leftMs !== 0) return known;
    cache.delete(dekId);
    return undefined;
  };

  const isDue = ({ timed, refreshAtMs }: Opened) => timed.leftMs <= refreshAtMs;

  const unwrap = (dekId: string, stored: DekWithWrap, context: EncryptionContext) =>
    unwraps.run(dekId, async () => {
      // Somebody may have unwrapped it while this caller read the table.
      const known = cache.peek(dekId);
      if (known && !isDue(known)) return known;
      const dek = await unwrapDek(deps, { dekId, stored, context, signal: stopped.signal });
      misses.inc();
      const timed = createTimedDek(dek, lifetimeMs, clock);
      const opened: Opened = { timed, stored, refreshAtMs: lifetimeMs * refreshAt };
      if (stopped.signal.aborted) timed.retire();
      else cache.set(dekId, opened);
      return opened;
    });

  const refreshAhead = (dekId: string, old: Opened, context: EncryptionContext) =>
    refreshing.run(dekId, async () => {
      try {
        const stored = await lookUp(dekId);
        await unwrap(dekId, stored, requireContext(dekId, stored, context));
        refreshes.inc({ side: "decrypt", outcome: "ready" });
      } catch {
        // Whoever still needs the DEK when its lifetime is over asks again, and hears of it.
        old.refreshAtMs = Math.max(0, old.timed.leftMs - lifetimeMs * retryAfter);
        refreshes.inc({ side: "decrypt", outcome: "failed" });
      }
    });

  return {
    async acquire({ dekId, context }, { signal } = {}) {
      for (let waited = false; ; waited = true) {
        signal?.throwIfAborted();
        if (stopped.signal.aborted) throw new DeksError("DEKS_CLOSED", "the DEK cache is closed");
        const known = inLife(dekId);
        if (known) {
          const lease = leaseFor(dekId, known, context);
          if (lease) {
            hits.inc();
            if (isDue(known) && !refreshing.has(dekId)) void refreshAhead(dekId, known, context);
            return lease;
          }
        }
        if (!waited) waits.inc({ side: "decrypt" });
        const stored = await waitFor(lookUp(dekId), signal);
        const expected = requireContext(dekId, stored, context);
        const opened = await waitFor(unwrap(dekId, stored, expected), signal);
        // Another caller may have started that unwrap from another reading of the table.
        const lease = leaseFor(dekId, opened, context);
        if (lease) return lease;
      }
    },
    close() {
      stopped.abort(new DeksError("DEKS_CLOSED", "the DEK cache is closed"));
      cache.clear();
    },
  };
}

function leaseFor(dekId: string, { stored, timed }: Opened, context: EncryptionContext): DekLease | undefined {
  requireContext(dekId, stored, context);
  return timed.lease();
}

function requireContext(dekId: string, stored: DekWithWrap, context: EncryptionContext): EncryptionContext {
  const { dek, wrap } = stored;
  const expected = expectedKmsContext(dekId, dek.profile, context, dek.context);
  if (!expected || !expectedKmsContext(dekId, dek.profile, context, wrap.context)) {
    throw new DeksError("DEKS_CONTEXT_MISMATCH", "the DEK belongs to another context than the record's", {
      context: { dekId },
    });
  }
  return expected;
}

async function unwrapDek(
  deps: DecryptDeksDeps,
  request: { dekId: string; stored: DekWithWrap; context: EncryptionContext; signal: AbortSignal },
): Promise<Dek> {
  const { dekId, context, signal } = request;
  const { dek, wrap } = request.stored;
  if (!(await deps.keys.allows(dek.profile, wrap.keyArn, { region: deps.region, signal }))) {
    throw new DeksError("DEKS_KEY_NOT_ALLOWED", "the wrap names a KMS key that the profile does not list", {
      context: { dekId, keyArn: wrap.keyArn },
    });
  }
  try {
    const { plaintext } = await deps.kms.decrypt({ keyArn: wrap.keyArn, blob: wrap.blob, context }, { signal });
    return recoverDek(dekId, plaintext, dek.commitment);
  } catch (error) {
    if (error instanceof KmsError && error.failureClass === "poison") {
      throw new DeksError("DEKS_UNWRAP_REFUSED", "KMS refused the wrap", { cause: error, context: { dekId } });
    }
    throw error;
  }
}
