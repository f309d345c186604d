import type { ReplicateResult } from "@dekhand/recovery";
import type { Metrics, ReplicaStrategy } from "@dekhand/runtime";

export interface ReplicatorMetrics {
  paid(region: string, result: ReplicateResult): void;
  wrapped(region: string, strategy: ReplicaStrategy | undefined): void;
  /** `lagMs`: from when the records were stored until the whole item had arrived. */
  settled(region: string, lagMs: number): void;
  /** `oldestMs`: age of the oldest debt that a home owes; 0 without debt. */
  owed(places: { readonly home: string; readonly region: string }, oldestMs: number): void;
}

const lagBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400];

export function createReplicatorMetrics(metrics: Metrics): ReplicatorMetrics {
  const records = metrics.counter("replicated_records_total", "Records found to be complete in a replica Region", [
    "region",
  ]);
  const deks = metrics.counter("replicated_deks_total", "DEKs found to be complete in a replica Region", ["region"]);
  const wraps = metrics.counter("replica_wraps_total", "Wraps written for a replica Region", ["region", "strategy"]);
  const ahead = metrics.counter("replica_records_ahead_total", "Records left alone: the replica has a newer one", [
    "region",
  ]);
  const failures = metrics.counter("replicate_failures_total", "Records and DEKs that could not be copied", [
    "region",
    "code",
  ]);
  const lag = metrics.histogram("replication_lag_seconds", "From stored at home to arrived", ["region"], lagBuckets);
  const oldest = metrics.gauge("replica_debt_oldest_seconds", "Age of the oldest debt to a replica Region", [
    "home",
    "region",
  ]);
  return {
    paid(region, result) {
      records.inc({ region }, result.arrived.recordIds.length);
      deks.inc({ region }, result.arrived.dekIds.length);
      ahead.inc({ region }, result.ahead.recordIds.length);
      for (const { code } of result.failed) failures.inc({ region, code });
    },
    wrapped: (region, strategy) => wraps.inc({ region, strategy: strategy ?? "" }),
    settled: (region, lagMs) => lag.observe({ region }, lagMs / 1_000),
    owed: (places, oldestMs) => oldest.set({ ...places }, oldestMs / 1_000),
  };
}
