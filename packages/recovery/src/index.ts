export { createDebtAnnouncer, type DebtAnnouncer, type DebtAnnouncerDeps } from "./debt/announce-debt.ts";
export { batchDebt, type StoredRecordRef } from "./debt/batch-debt.ts";
export type { DrillOptions, DrillProgress, DrillRegion } from "./drill/drill-types.ts";
export { type OpenDrillRegionOptions, type OpenedDrillRegion, openDrillRegion } from "./drill/open-drill-region.ts";
export { type RecordDrillDeps, recordDrill } from "./drill/record-drill.ts";
export { runDrill } from "./drill/run-drill.ts";
export {
  logDrill,
  runScheduledDrill,
  type ScheduledDrillDeps,
  type ScheduledDrillOptions,
} from "./drill/scheduled-drill.ts";
export { RECOVERY_ERROR_CODES, RecoveryError, type RecoveryErrorCode } from "./errors.ts";
export { awaitPaid } from "./failover/await-paid.ts";
export type { TargetFinding } from "./failover/check-target.ts";
export { failback } from "./failover/failback.ts";
export type {
  FailbackDeps,
  FailbackGroup,
  FailbackOptions,
  FailbackPlan,
  FailbackResult,
  FailbackStep,
  FailbackWords,
  GroupResult,
} from "./failover/failback-types.ts";
export { failover } from "./failover/failover.ts";
export type {
  DebtBefore,
  FailoverDeps,
  FailoverPlan,
  FailoverResult,
  LeftOut,
  MovedHome,
  MoveRequest,
  MoveWords,
  PlannedMove,
} from "./failover/failover-types.ts";
export { type NotedDebt, noteDebts, readNotedDebt } from "./failover/known-debt-note.ts";
export { type LosersTold, listLosers } from "./failover/list-losers.ts";
export { failbackRefusals, planFailback } from "./failover/plan-failback.ts";
export { planFailover, refusalsOf } from "./failover/plan-failover.ts";
export { newestHome } from "./failover/read-homes.ts";
export { type Settlement, settle } from "./failover/settle.ts";
export type { SettleCounts, SettleFailure, SettleProgress } from "./failover/settle-types.ts";
export { type OpenedRecovery, type OpenRecoveryOptions, openRecovery } from "./open-recovery.ts";
export {
  FINDING_CLASSES,
  FINDING_OUTCOMES,
  type Finding,
  type FindingClass,
  type FindingOutcome,
} from "./reconcile/findings.ts";
export { reconcileRegion } from "./reconcile/reconcile-region.ts";
export {
  type Coverage,
  type Lacking,
  type ReconcileDeps,
  type ReconcileOptions,
  type ReconcileOutcome,
  type ReconcileProgress,
  type ReconcileRegion,
  type ReconcileScope,
  type ReconcileSummary,
  SWEEPS,
  type SweepName,
} from "./reconcile/reconcile-types.ts";
export { readSummary } from "./reconcile/summary.ts";
export { type TidyDeps, type TidyOptions, type TidyOutcome, tidyParts } from "./reconcile/tidy-parts.ts";
export { judgeRecord, type RecordJudgement } from "./replicate/judge-record.ts";
export { replicateBatch } from "./replicate/replicate-batch.ts";
export type {
  Ids,
  RegionParts,
  ReplicateDeps,
  ReplicateFailure,
  ReplicateOptions,
  ReplicateRequest,
  ReplicateResult,
} from "./replicate/replicate-types.ts";
export { createWrapsInHand, type WrapSession, type WrapsInHand } from "./replicate/wraps-in-hand.ts";
export { readReplicaStatus } from "./status/replica-status.ts";
export { createStatusMetrics, type StatusMetrics } from "./status/status-metrics.ts";
export type {
  ReplicaDebt,
  ReplicaStatus,
  ReplicaStatusDeps,
  ReplicaStatusOptions,
  Told,
} from "./status/status-types.ts";
