import { type Clock, fullJitterDelay, sleep } from "@dekhand/runtime";
import { abandoned } from "./attempt-once.ts";
import { KmsError } from "./errors.ts";
import type { CallLayer, CallPipe, KmsCall, KmsPriority } from "./kms-call.ts";
import type { RetryBudget } from "./retry-budget.ts";

export interface RetrySettings {
  /** Upper edge of the first delay, in milliseconds. */
  readonly baseMs: number;
  /** Upper edge that no delay exceeds, in milliseconds. */
  readonly capMs: number;
  readonly maxAttempts: number;
  readonly random: () => number;
  readonly clock: Clock;
  /** What retries are paid from. One for each priority: a campaign in trouble must not use up what readers have. */
  readonly budgets: Readonly<Record<KmsPriority, RetryBudget>>;
  /** Told the failure after which it is tried again, before the delay. */
  readonly onRetry: (error: KmsError) => void;
  /** Told the milliseconds that a delay really took, also when it was cut short. */
  readonly onWait?: (ms: number) => void;
}

/**
 * Tries again what may pass by itself, after a delay with full jitter, as long as the delay ends before the deadline
 * and the budget pays for it. What it gives up with is the last failure. A cancellation ends it at once, also within a
 * delay. What the breaker refused is not tried again: the caller knows better where else to go.
 */
export function retryAttempts(settings: RetrySettings): CallLayer {
  const { clock, maxAttempts, budgets } = settings;
  return (next) => async (first) => {
    const budget = budgets[first.priority];
    let spent = 0;
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await settle(next, nthAttempt(first, attempt));
      if (outcome.ok) {
        budget.reward(spent);
        return outcome.answer;
      }
      const { error } = outcome;
      if (error.failureClass === "circuit-open") budget.giveBack(spent);
      const delayMs = fullJitterDelay(attempt, settings);
      if (attempt >= maxAttempts || clock.monotonic() + delayMs >= first.deadlineAt) throw error;
      spent = budget.spend(error.failureClass);
      if (spent === 0) throw error;
      settings.onRetry(error);
      const waitsFrom = clock.monotonic();
      try {
        await sleep(delayMs, { signal: first.signal });
      } catch {
        budget.giveBack(spent);
        throw first.cancel?.aborted ? abandoned(first, attempt) : error;
      } finally {
        settings.onWait?.(clock.monotonic() - waitsFrom);
      }
    }
  };
}

/** A shared call's deadline may move while the attempt waits for its turn, so it is handed on live. */
function nthAttempt<T>(first: KmsCall<T>, attempt: number): KmsCall<T> {
  return {
    ...first,
    attempt,
    get deadlineAt() {
      return first.deadlineAt;
    },
  };
}

type Outcome<T> = { readonly ok: true; readonly answer: T } | { readonly ok: false; readonly error: KmsError };

async function settle<T>(next: CallPipe, call: KmsCall<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, answer: await next(call) };
  } catch (error) {
    if (error instanceof KmsError) return { ok: false, error };
    throw error;
  }
}
