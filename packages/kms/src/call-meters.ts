import type { Clock, Metrics } from "@dekhand/runtime";
import { KMS_FAILURE_CLASSES, KMS_OPERATIONS, KmsError, type KmsFailureClass, type KmsOperation } from "./errors.ts";
import type { CallLayer } from "./kms-call.ts";
import type { KmsMeters } from "./kms-governor.ts";

/** KMS's list price of a request, without the free tier. */
const DOLLARS_PER_CALL = 0.03 / 10_000;

export interface CallMeters {
  /** Counts one HTTP attempt and how it ended. */
  readonly layer: CallLayer;
  countRetry(operation: KmsOperation): void;
  snapshot(): KmsMeters;
}

/** The counters of one governor; the same numbers go to Prometheus with the Region as a label. */
export function createCallMeters({
  region,
  metrics,
  clock,
}: {
  readonly region: string;
  readonly metrics: Metrics;
  readonly clock: Clock;
}): CallMeters {
  const calls = zeroes<KmsOperation>(KMS_OPERATIONS);
  const failures = zeroes<KmsFailureClass>(KMS_FAILURE_CLASSES);
  let retries = 0;

  const labels = ["region", "operation"] as const;
  const callsTotal = metrics.counter("kms_calls_total", "KMS requests, one for each HTTP attempt", labels);
  const retriesTotal = metrics.counter("kms_retries_total", "KMS requests that repeat a failed one", labels);
  const failuresTotal = metrics.counter("kms_failures_total", "KMS requests that failed, by class", [
    ...labels,
    "failure_class",
  ]);
  const seconds = metrics.histogram("kms_call_seconds", "Time of a KMS request, failed ones included", labels);
  const dollars = metrics.counter("kms_dollars_total", "KMS requests at list price, without the free tier", ["region"]);

  return {
    layer: (next) => async (call) => {
      const { operation } = call;
      const startedAt = clock.monotonic();
      calls[operation] += 1;
      callsTotal.inc({ region, operation });
      dollars.inc({ region }, DOLLARS_PER_CALL);
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
      }
    },
    countRetry(operation) {
      retries += 1;
      retriesTotal.inc({ region, operation });
    },
    snapshot() {
      const made = Object.values(calls).reduce((total, count) => total + count, 0);
      return {
        calls: { ...calls },
        retries,
        throttles: failures.throttled,
        failures: { ...failures },
        dollars: made * DOLLARS_PER_CALL,
      };
    },
  };
}

function zeroes<K extends string>(keys: readonly K[]): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;
}
