import type { Metrics } from "@dekhand/runtime";

export type CacheSide = "encrypt" | "decrypt";

/**
 * What both caches count alike, so that an operator sees whether refreshing ahead works: DEKs in steady use are
 * refreshed and never waited for. One metric each, with the side as label.
 */
export function createCacheMetrics(metrics: Metrics) {
  return {
    waits: metrics.counter("dek_waits_total", "Requests for a DEK that had to wait for KMS or the table", ["side"]),
    refreshes: metrics.counter("dek_refreshes_total", "DEKs renewed ahead of their end, by how that ended", [
      "side",
      "outcome",
    ]),
  };
}
