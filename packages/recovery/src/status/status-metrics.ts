import type { Metrics } from "@dekhand/runtime";
import type { ReplicaStatus } from "./status-types.ts";

export interface StatusMetrics {
  /** Shows how all replica Regions stand. What could not be told stays as it was shown last. */
  show(all: readonly ReplicaStatus[], now: number): void;
}

export function createStatusMetrics(metrics: Metrics): StatusMetrics {
  const items = metrics.gauge("replica_debt_items", "Debt items of a replica Region, up to the bound of counting", [
    "home",
    "region",
  ]);
  const records = metrics.gauge("replica_debt_records", "Records that a replica Region is owed, as far as counted", [
    "home",
    "region",
  ]);
  const lag = metrics.gauge("replica_lag_seconds", "Age of the oldest debt of a replica Region", ["home", "region"]);
  const alarm = metrics.gauge(
    "replica_lag_alarm",
    "1: the Region lags behind by more than the profile's recovery point, or nobody can say",
    ["profile", "region"],
  );
  const coverage = metrics.gauge(
    "replica_coverage",
    "Part of a profile's records that the Region had at the last count",
    ["profile", "region"],
  );
  const failed = metrics.gauge("drill_last_failed", "Records that the Region's last drill could not open", ["region"]);
  const age = metrics.gauge("drill_age_seconds", "Since the Region's last drill ended", ["region"]);
  return {
    show(all, now) {
      for (const status of all) {
        const { profile, home, region, debt, lastDrill } = status;
        alarm.set({ profile, region }, status.alarm === false ? 0 : 1);
        if (debt.told) {
          items.set({ home, region }, debt.value.items);
          records.set({ home, region }, debt.value.records);
          lag.set({ home, region }, debt.value.lagMs / 1_000);
        }
        const counted = status.coverage.told ? status.coverage.value : undefined;
        if (counted) {
          coverage.set({ profile, region }, counted.records === 0 ? 1 : counted.recordsArrived / counted.records);
        }
        const drill = lastDrill.told ? lastDrill.value : undefined;
        if (drill) {
          failed.set({ region }, drill.failed);
          age.set({ region }, Math.max(0, now - Date.parse(drill.endedAt)) / 1_000);
        }
      }
    },
  };
}
