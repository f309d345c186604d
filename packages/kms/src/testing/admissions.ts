import { createLogger, createMetrics, type QuotaConfig } from "@dekhand/runtime";
import type { KmsPriority } from "../kms-call.ts";
import { createKmsQuota, type KmsQuota } from "../quota/kms-quota.ts";

export const region = "eu-west-1";

/** A worker's quota, and when its calls were let go. */
export interface Worker extends Disposable {
  readonly quota: KmsQuota;
  /** On the process's monotonic clock, in milliseconds. */
  readonly goes: number[];
  /** Keeps `count` calls waiting until the signal aborts. */
  press(priority: KmsPriority, count: number, signal: AbortSignal): Promise<void>;
}

export function createWorker(config: QuotaConfig, redisUrl: string | undefined): Worker {
  const quota = createKmsQuota({
    config,
    redisUrl,
    prefix: "test",
    metrics: createMetrics({ service: "test" }),
    logger: createLogger({ service: "test", level: "silent" }),
  });
  const meter = quota.meter(region, "crypto");
  const goes: number[] = [];
  const ask = async (priority: KmsPriority, signal: AbortSignal) => {
    while (!signal.aborted) {
      await meter.admit(priority, signal).catch(() => undefined);
      if (!signal.aborted) goes.push(performance.now());
    }
  };
  return {
    quota,
    goes,
    async press(priority, count, signal) {
      await Promise.all(Array.from({ length: count }, () => ask(priority, signal)));
    },
    [Symbol.dispose]: () => quota.close(),
  };
}

/** The most entries within any second, which is `second` of the units of `times`; default: milliseconds. */
export function worstSecond(times: readonly number[], second = 1_000): number {
  const sorted = times.toSorted((a, b) => a - b);
  let first = 0;
  let worst = 0;
  for (const [index, time] of sorted.entries()) {
    while ((sorted[first] ?? time) <= time - second) first += 1;
    worst = Math.max(worst, index - first + 1);
  }
  return worst;
}
