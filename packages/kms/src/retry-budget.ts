/**
 * A bucket of tokens that retries are paid from, so that they cannot multiply the load on a KMS in trouble: when most
 * calls fail, it empties, and failures are told instead of tried again.
 *
 * The amounts are those of the AWS SDK's standard retry mode. Time does not fill the bucket, successes do.
 */
import type { KmsFailureClass } from "./errors.ts";

export interface RetryBudget {
  /**
   * Takes what a retry after such a failure costs, and says how much that was: 0, and nothing taken, where less is left
   * or such a failure is not retried.
   */
  spend(failureClass: KmsFailureClass): number;
  /** Puts back what was taken for a retry that was not sent. */
  giveBack(spent: number): void;
  /** After a success: puts back what its last retry took, or one token where there was none. */
  reward(spent: number): void;
  /** Tokens, from 0 to 500. */
  left(): number;
}

const BUCKET_TOKENS = 500;
const THROTTLED_TOKENS = 5;
const TRANSIENT_TOKENS = 14;

/** The classes that may pass by themselves, and what a retry after each costs. */
const tokensByClass: Readonly<Partial<Record<KmsFailureClass, number>>> = {
  throttled: THROTTLED_TOKENS,
  limit: THROTTLED_TOKENS,
  transient: TRANSIENT_TOKENS,
};

/** A full bucket. */
export function createRetryBudget(): RetryBudget {
  let tokens = BUCKET_TOKENS;

  function giveBack(spent: number): void {
    tokens = Math.min(BUCKET_TOKENS, tokens + spent);
  }

  return {
    spend(failureClass) {
      const cost = tokensByClass[failureClass] ?? 0;
      if (cost > tokens) return 0;
      tokens -= cost;
      return cost;
    },
    giveBack,
    reward: (spent) => giveBack(Math.max(1, spent)),
    left: () => tokens,
  };
}
