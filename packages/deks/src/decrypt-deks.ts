/**
 * DEKs for opening: unwrapped on demand, checked against the commitment, kept
 * for a hard lifetime.
 *
 * What lies in the table beside a wrap (key ARN, context, profile) is a label.
 * A DEK is unwrapped only under a key that the configuration lists for its
 * profile, with the KMS context that follows from the DEK id asked for and the
 * record's own context, and used only if it fits the stored commitment.
 */

import { type Dek, type EncryptionContext, recoverDek } from "@dekhand/envelope";
import { KmsError, type KmsGovernor } from "@dekhand/kms";
import { type Metrics, waitFor } from "@dekhand/runtime";
import type { CallOptions, DekStore, DekWithWrap } from "@dekhand/store";
import { LRUCache } from "lru-cache";
import { DeksError } from "./errors.ts";
import type { KeyDirectory } from "./key-directory.ts";
import { expectedKmsContext } from "./kms-context.ts";
import { type DekLease, type SharedDek, shareDek } from "./shared-dek.ts";
import { createSingleFlight } from "./single-flight.ts";

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
  readonly shared: SharedDek;
  readonly stored: DekWithWrap;
}

export function createDecryptDeks(deps: DecryptDeksDeps): DecryptDeks {
  const lookups = createSingleFlight<DekWithWrap>();
  const unwraps = createSingleFlight<Opened>();
  const stopped = new AbortController();
  const cache = new LRUCache<string, Opened>({
    max: deps.maxDeks ?? 1_000,
    ttl: deps.lifetimeMs ?? 300_000,
    ttlAutopurge: true,
    dispose: ({ shared }) => shared.retire(),
  });
  const hits = deps.metrics.counter("dek_decrypt_cache_hits_total", "Records opened under a DEK already unwrapped");
  const misses = deps.metrics.counter("dek_unwraps_total", "DEKs unwrapped by KMS for opening");

  const lookUp = (dekId: string) =>
    lookups.run(dekId, async () => {
      const found = await deps.store.get(dekId, deps.region, { signal: stopped.signal });
      if (!found)
        throw new DeksError("DEKS_NOT_FOUND", "no such DEK, or no wrap of it, in this Region", {
          context: { dekId, region: deps.region },
        });
      return found;
    });

  const unwrap = (dekId: string, stored: DekWithWrap, context: EncryptionContext) =>
    unwraps.run(dekId, async () => {
      const dek = await unwrapDek(deps, { dekId, stored, context, signal: stopped.signal });
      const opened: Opened = { shared: shareDek(dek), stored };
      if (stopped.signal.aborted) opened.shared.retire();
      else cache.set(dekId, opened);
      misses.inc();
      return opened;
    });

  return {
    async acquire({ dekId, context }, { signal } = {}) {
      for (;;) {
        signal?.throwIfAborted();
        if (stopped.signal.aborted) throw new DeksError("DEKS_CLOSED", "the DEK cache is closed");
        const known = cache.get(dekId);
        if (known) {
          requireContext(dekId, known.stored, context);
          const lease = known.shared.lease();
          if (lease) {
            hits.inc();
            return lease;
          }
        }
        const stored = await waitFor(lookUp(dekId), signal);
        const expected = requireContext(dekId, stored, context);
        const opened = await waitFor(unwrap(dekId, stored, expected), signal);
        // Another caller may have started that unwrap from another reading of the table.
        requireContext(dekId, opened.stored, context);
        const lease = opened.shared.lease();
        if (lease) return lease;
      }
    },
    close() {
      stopped.abort(new DeksError("DEKS_CLOSED", "the DEK cache is closed"));
      cache.clear();
    },
  };
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
  if (!(await deps.keys.allows(dek.profile, wrap.keyArn, { signal }))) {
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
