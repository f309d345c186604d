/** What becomes of swaps, told the same way for every kind of store. */

import { cancelled } from "../dynamodb/request.ts";
import type { StoreError } from "../errors.ts";
import { asBuffer } from "./blob-encoding.ts";
import type { SwapOutcome, WrapSwap } from "./wrap-types.ts";

/**
 * The outcome of a swap whose condition did not hold, from the blob that is
 * stored now. ReEncrypt's output is random: if the next blob is there, this very
 * swap put it there, and only its answer was lost.
 */
export function outcomeOf({ next }: WrapSwap, stored: Uint8Array | undefined): SwapOutcome {
  if (stored === undefined) return { kind: "gone" };
  return { kind: asBuffer(stored).equals(next.blob) ? "swapped" : "conflict" };
}

/** The outcome of a swap that threw; `failureOf` says what the error means where the signal did not end it. */
export function failedSwap(
  error: unknown,
  signal: AbortSignal | undefined,
  failureOf: (error: unknown) => StoreError,
): SwapOutcome {
  return { kind: "failed", error: signal?.aborted ? cancelled(signal) : failureOf(error) };
}
