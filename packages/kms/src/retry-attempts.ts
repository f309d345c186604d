import { type Clock, fullJitterDelay, sleep } from "@dekhand/runtime";
import { abandoned } from "./attempt-once.ts";
import { KmsError, type KmsFailureClass } from "./errors.ts";
import type { CallLayer, CallPipe, KmsCall } from "./kms-call.ts";

export interface RetrySettings {
  readonly baseMs: number;
  readonly capMs: number;
  readonly maxAttempts: number;
  readonly random: () => number;
  readonly clock: Clock;
  readonly onRetry: (error: KmsError) => void;
}

/**
 * Tries again what may pass by itself, after a delay with full jitter, as long as the delay ends before the deadline.
 * What it gives up with is the last failure. A cancellation ends it at once, also within a delay.
 */
export function retryAttempts(settings: RetrySettings): CallLayer {
  return (next) => async (first) => {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await settle(next, { ...first, attempt });
      if (outcome.ok) return outcome.answer;
      const { error } = outcome;
      const delayMs = fullJitterDelay(attempt, settings);
      const late = settings.clock.monotonic() + delayMs >= first.deadlineAt;
      if (!passing.has(error.failureClass) || attempt >= settings.maxAttempts || late) throw error;
      settings.onRetry(error);
      try {
        await sleep(delayMs, { signal: first.signal });
      } catch {
        throw first.cancel?.aborted ? abandoned(first, attempt) : error;
      }
    }
  };
}

const passing: ReadonlySet<KmsFailureClass> = new Set(["throttled", "transient", "limit"]);

type Outcome<T> = { readonly ok: true; readonly answer: T } | { readonly ok: false; readonly error: KmsError };

async function settle<T>(next: CallPipe, call: KmsCall<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, answer: await next(call) };
  } catch (error) {
    if (error instanceof KmsError) return { ok: false, error };
    throw error;
  }
}
