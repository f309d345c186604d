import type { Metrics } from "@dekhand/runtime";
import type { ReplicaStatus } from "./status-types.ts";

export interface StatusMetrics {
  /**
   * Shows how all replica Regions stand. What could not be told stays as it was shown last; what is no replica Region any
   * more, because the home has moved, is shown no longer.
   */
  show(all: readonly ReplicaStatus[], now: number): void;
}

export function createStatusMetrics(metrics: Metrics): StatusMetrics {
  const pair = ["home", "region"] as const;
  const items = metrics.gauge(
    "replica_debt_items",
    "Debt items of a replica Region, up to the bound of counting",
    pair,
  );
  const records = metrics.gauge(
    "replica_debt_records",
    "Records that a replica Region is owed, as far as counted",
    pair,
  );
  const lag = metrics.gauge("replica_lag_seconds", "Age of the oldest debt of a replica Region", pair);
  const ofProfile = ["profile", "region"] as const;
  const info = metrics.gauge(
    "replica_info",
    "1 for each profile and replica Region: where its home is by now, and how the Region comes by its wraps",
    ["profile", "home", "region", "strategy"],
  );
  const recoveryPoint = metrics.gauge(
    "replica_recovery_point_seconds",
    "How far the Region may lag behind before it is an alarm, as configured",
    ofProfile,
  );
  const alarm = metrics.gauge(
    "replica_lag_alarm",
    "1: the Region lags behind by more than the profile's recovery point, or nobody can say",
    ofProfile,
  );
  const coverage = metrics.gauge(
    "replica_coverage",
    "Part of a profile's records that the Region had at the last count",
    ofProfile,
  );
  const failed = metrics.gauge("drill_last_failed", "Records that the Region's last drill could not open", ["region"]);
  const age = metrics.gauge("drill_age_seconds", "Since the Region's last drill ended", ["region"]);
  let before: readonly ReplicaStatus[] = [];

  return {
    show(told, now) {
      const all = told.map((status) => withWhatWasTold(status, before));
      before = all;
      for (const gauge of [items, records, lag, info, recoveryPoint, alarm, coverage, failed, age]) gauge.reset();
      for (const status of all) {
        const { profile, home, region, strategy, recoveryPointMs, debt, lastDrill } = status;
        info.set({ profile, home, region, strategy }, 1);
        recoveryPoint.set({ profile, region }, recoveryPointMs / 1_000);
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

function withWhatWasTold(status: ReplicaStatus, before: readonly ReplicaStatus[]): ReplicaStatus {
  const { profile, home, region } = status;
  const last = before.find((one) => one.profile === profile && one.home === home && one.region === region);
  if (!last) return status;
  return {
    ...status,
    debt: status.debt.told ? status.debt : last.debt,
    coverage: status.coverage.told ? status.coverage : last.coverage,
    lastDrill: status.lastDrill.told ? status.lastDrill : last.lastDrill,
  };
}
