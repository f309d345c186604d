import { createMetrics, type Metrics } from "@dekhand/runtime";
import { type CacheSide, createCacheMetrics } from "../cache-metrics.ts";

/** Metrics of their own for one cache, and what an operator would read there. */
export interface DekCounts {
  readonly metrics: Metrics;
  waits(): Promise<number>;
  refreshes(outcome: "ready" | "failed"): Promise<number>;
}

export function countsOf(side: CacheSide): DekCounts {
  const metrics = createMetrics({ service: "test" });
  const { waits, refreshes } = createCacheMetrics(metrics);
  return {
    metrics,
    async waits() {
      const { values } = await waits.get();
      return values.find(({ labels }) => labels.side === side)?.value ?? 0;
    },
    async refreshes(outcome) {
      const { values } = await refreshes.get();
      return values.find(({ labels }) => labels.side === side && labels.outcome === outcome)?.value ?? 0;
    },
  };
}
