/**
 * How long one Region may take for one step of a read, where there is another
 * Region to turn to: a Region that keeps silent must not hold a read for as long
 * as its connections last.
 *
 * The limits are on what is shared between reads, so that no answer is waited for
 * in the background after the reads that wanted it have gone elsewhere.
 */

import type { KmsGovernor } from "@dekhand/kms";
import { deadlineIn, waitFor } from "@dekhand/runtime";
import type { DekStore, RecordStore } from "@dekhand/store";
import { ClientError } from "./errors.ts";

/** What a read asks a Region for. */
export interface RegionSteps {
  readonly records: Pick<RecordStore, "get">;
  readonly deks: Pick<DekStore, "get">;
  readonly kms: Pick<KmsGovernor, "decrypt" | "describeKey">;
}

export interface TimeLimits {
  /** Milliseconds for reading a record, with all its parts. */
  readonly recordMs: number;
  /** Milliseconds for a DEK and its wrap, for a KMS call, and for looking up a key. */
  readonly stepMs: number;
}

/** What takes longer fails with CLIENT_REGION_TIMEOUT, or as the governor says it: KMS_TRANSIENT, KMS_THROTTLED. */
export function limitSteps(region: string, steps: RegionSteps, { recordMs, stepMs }: TimeLimits): RegionSteps {
  const { records, deks, kms } = steps;
  const within = async <T>(ms: number, outer: AbortSignal | undefined, step: (signal: AbortSignal) => Promise<T>) => {
    using limit = deadlineIn(ms, outer);
    const { signal } = limit;
    try {
      return await waitFor(step(signal), signal);
    } catch (cause) {
      if (outer?.aborted || !signal.aborted) throw cause;
      throw new ClientError("CLIENT_REGION_TIMEOUT", "a Region did not answer in time", {
        retryable: true,
        cause,
        context: { region, ms },
      });
    }
  };
  return {
    records: {
      get: (recordId, { signal } = {}) => within(recordMs, signal, (inner) => records.get(recordId, { signal: inner })),
    },
    deks: {
      get: (dekId, of, { signal } = {}) => within(stepMs, signal, (inner) => deks.get(dekId, of, { signal: inner })),
    },
    kms: {
      decrypt: (request, options) => kms.decrypt(request, { ...options, deadlineMs: stepMs }),
      describeKey: (key, options) => kms.describeKey(key, { ...options, deadlineMs: stepMs }),
    },
  };
}
