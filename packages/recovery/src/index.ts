export { createDebtAnnouncer, type DebtAnnouncer, type DebtAnnouncerDeps } from "./debt/announce-debt.ts";
export { batchDebt, type StoredRecordRef } from "./debt/batch-debt.ts";
export { RECOVERY_ERROR_CODES, RecoveryError, type RecoveryErrorCode } from "./errors.ts";
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
