import type { Clock, Metrics } from "@dekhand/runtime";
import type { BreakerState } from "./breaker.ts";
import { KMS_FAILURE_CLASSES, KMS_OPERATIONS, KmsError, type KmsFailureClass, type KmsOperation } from "./errors.ts";
import type { KmsMeters } from "./governor-types.ts";
import { type CallLayer, KMS_PRIORITIES, type KmsPriority } from "./kms-call.ts";
import type { RetryBudget } from "./retry-budget.ts";

/** KMS's list price of a request, without the free tier. */
const DOLLARS_PER_CALL = 0.03 / 10_000;
/** The price with an elliptic curve: an RSA key of 2,048 bits costs no more than a symmetric one, but is not told apart here. */
const DOLLARS_PER_SIGNATURE = 0.15 / 10_000;

export interface CallMeters {
  /** Counts one HTTP attempt and how it ended. */
  readonly layer: CallLayer;
  /** Counts the calls that the breaker refuses; around it. */
  readonly refusals: CallLayer;
  breakerChanged(state: BreakerState): void;
  countRetry(operation: KmsOperation): void;
  countCoalesced(): void;
  /** A call waited so many milliseconds before an attempt. */
  waited(reason: "share" | "backoff", ms: number): void;
  snapshot(): KmsMeters;
}

export interface CallMetersOptions {
  readonly region: string;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly budgets: Readonly<Record<KmsPriority, Pick<RetryBudget, "left">>>;
}

/** The counters of one governor; the same numbers go to Prometheus with the Region as a label. */
export function createCallMeters({ region, metrics, clock, budgets }: CallMetersOptions): CallMeters {
  const calls = zeroes<KmsOperation>(KMS_OPERATIONS);
  const failures = zeroes<KmsFailureClass>(KMS_FAILURE_CLASSES);
  let retries = 0;
  let coalesced = 0;

  const labels = ["region", "operation"] as const;
  const callsTotal = metrics.counter("kms_calls_total", "KMS requests, one for each HTTP attempt", labels);
  const retriesTotal = metrics.counter("kms_retries_total", "KMS requests that repeat a failed one", labels);
  const failuresTotal = metrics.counter("kms_failures_total", "KMS requests that failed, by class", [
    ...labels,
    "failure_class",
  ]);
  const seconds = metrics.histogram("kms_call_seconds", "Time of a KMS request, failed ones included", labels);
  const dollars = metrics.counter("kms_dollars_total", "KMS requests at list price, without the free tier", ["region"]);

  const coalescedTotal = metrics.counter("kms_coalesced_total", "KMS calls that shared an equal one's request", [
    "region",
  ]);
  const waits = metrics.histogram("kms_wait_seconds", "Time that KMS calls waited, by reason", ["region", "reason"]);
  const refused = metrics.counter("kms_refused_total", "KMS calls that an open circuit breaker refused", ["region"]);
  const tokens = metrics.gauge("kms_retry_budget", "Tokens left for retries, of 500", ["region", "priority"]);
  const open = metrics.gauge("kms_breaker_open", "1: the circuit breaker lets no call through", ["region"]);
  for (const priority of KMS_PRIORITIES) tokens.set({ region, priority }, budgets[priority].left());
  open.set({ region }, 0);

  return {
    layer: (next) => async (call) => {
      const { operation } = call;
      const startedAt = clock.monotonic();
      calls[operation] += 1;
      callsTotal.inc({ region, operation });
      dollars.inc({ region }, priceOf(operation));
      try {
        return await next(call);
      } catch (error) {
        if (error instanceof KmsError) {
          failures[error.failureClass] += 1;
          failuresTotal.inc({ region, operation, failure_class: error.failureClass });
        }
        throw error;
      } finally {
        seconds.observe({ region, operation }, (clock.monotonic() - startedAt) / 1_000);
        tokens.set({ region, priority: call.priority }, budgets[call.priority].left());
      }
    },
    refusals: (next) => async (call) => {
      try {
        return await next(call);
      } catch (error) {
        if (error instanceof KmsError && error.failureClass === "circuit-open") refused.inc({ region });
        throw error;
      }
    },
    breakerChanged: (state) => open.set({ region }, state === "open" ? 1 : 0),
    countRetry(operation) {
      retries += 1;
      retriesTotal.inc({ region, operation });
    },
    countCoalesced() {
      coalesced += 1;
      coalescedTotal.inc({ region });
    },
    waited: (reason, ms) => waits.observe({ region, reason }, ms / 1_000),
    snapshot() {
      return {
        calls: { ...calls },
        retries,
        throttles: failures.throttled,
        coalesced,
        failures: { ...failures },
        dollars: KMS_OPERATIONS.reduce((total, each) => total + calls[each] * priceOf(each), 0),
      };
    },
  };
}

function priceOf(operation: KmsOperation): number {
  return operation === "Sign" || operation === "Verify" ? DOLLARS_PER_SIGNATURE : DOLLARS_PER_CALL;
}

function zeroes<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}
