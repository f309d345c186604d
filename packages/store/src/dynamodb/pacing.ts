import { fullJitterDelay, sleep } from "@dekhand/runtime";
import { StoreError } from "../errors.ts";

/** For how long what DynamoDB hands back inside a successful answer is sent again, in milliseconds. */
const giveUpAfterMs = 30_000;
const backoff = { baseMs: 25, capMs: 2_000 };

/** Waits between rounds of sending again what DynamoDB did not process: full jitter, one per piece of work. */
export interface Pacing {
  /** Whether the time for retries is over. */
  readonly exhausted: boolean;
  /** Throws the signal's reason, or STORE_THROTTLED when the time is over. */
  pause(operation: string): Promise<void>;
  /** The endpoint made progress: the next wait is short again. */
  progressed(): void;
}

export function createPacing(signal: AbortSignal | undefined): Pacing {
  const giveUpAt = performance.now() + giveUpAfterMs;
  let attempt = 0;
  const exhausted = () => performance.now() >= giveUpAt;
  return {
    get exhausted() {
      return exhausted();
    },
    progressed() {
      attempt = 0;
    },
    async pause(operation) {
      if (exhausted()) throw throttledFor(operation);
      attempt += 1;
      await sleep(fullJitterDelay(attempt, backoff), { signal });
    },
  };
}

export function throttledFor(operation: string): StoreError {
  return new StoreError("STORE_THROTTLED", "DynamoDB asked to slow down", { retryable: true, context: { operation } });
}
