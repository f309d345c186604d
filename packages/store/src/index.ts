export { type CampaignStoreDeps, createCampaignStore } from "./campaigns/campaign-store.ts";
export type { CampaignStore } from "./campaigns/campaign-store-types.ts";
export {
  CAMPAIGN_KINDS,
  CAMPAIGN_STATUSES,
  type Campaign,
  type CampaignAct,
  type CampaignControls,
  type CampaignEvent,
  type CampaignKind,
  type CampaignPage,
  type CampaignPageOptions,
  type CampaignStatus,
  type CampaignTarget,
  type CampaignTransition,
  type ControlsChange,
  type FollowedWraps,
  isEnded,
  type NewCampaign,
} from "./campaigns/campaign-types.ts";
export {
  type CampaignFailure,
  FAILURE_STATES,
  type FailureCounts,
  type FailureRef,
  type FailureReport,
  type FailureState,
  type ListFailuresOptions,
} from "./campaigns/failure-types.ts";
export {
  type CheckpointOutcome,
  type NewSegment,
  SEGMENT_PHASES,
  type Segment,
  type SegmentClaim,
  type SegmentCounts,
  type SegmentPhase,
  type SegmentProgress,
} from "./campaigns/segment-types.ts";
export type { Copied, CopyOutcome } from "./copies/copy-types.ts";
export type { DekCopy, DekCopying, DekFound, WrapCopy } from "./deks/dek-copy-types.ts";
export { createDekStore, type DekStoreDeps } from "./deks/dek-store.ts";
export {
  DEK_STATUSES,
  type DekCounts,
  type DekPage,
  type DekStatus,
  type DekStatusChange,
  type DekStatusChanged,
  type DekStore,
  type DekSummary,
  type DekWithWrap,
  type InsertOptions,
  type NewDek,
  type ScanOptions,
  type StoredDek,
  type StoredWrap,
  type Wrap,
  type WrapChange,
  type WrapSummary,
  type WrapSwapped,
} from "./deks/dek-types.ts";
export type { CallOptions } from "./dynamodb/call-options.ts";
export { STORE_ERROR_CODES, StoreError, type StoreErrorCode } from "./errors.ts";
export { type OpenStoresOptions, openStores, type Stores } from "./open-stores.ts";
export type { OldParts, PartPage, StoredPart } from "./records/old-part-types.ts";
export type { HeadsFound, RecordCopy, RecordCopying } from "./records/record-copy-types.ts";
export { createRecordStore, type RecordStoreDeps } from "./records/record-store.ts";
export type {
  HeadPage,
  HeadScanOptions,
  MalformedHead,
  PutOutcome,
  RecordHead,
  RecordStore,
  RecordWrite,
  Resealed,
  Resealing,
  StoredRecord,
} from "./records/record-types.ts";
export type { AuditEntry, AuditStore } from "./state/audit-types.ts";
export type { DebtItem, DebtStatus, DebtStatusOptions, DebtStore } from "./state/debt-types.ts";
export type { DrillFailure, DrillResult, DrillStore } from "./state/drill-types.ts";
export { newEntryId } from "./state/entry-id.ts";
export type { HomeEpoch, HomeStore, ProfileHome } from "./state/home-types.ts";
export { byEpoch, homeEpochs } from "./state/homes.ts";
export type { KeyReturn, LeftKey, LeftKeyStore } from "./state/left-key-types.ts";
export type { Loser, LoserStore } from "./state/loser-types.ts";
export type { Page, PageOptions } from "./state/page-types.ts";
export type { Retirement, RetirementNote, RetirementStore } from "./state/retirement-types.ts";
export type { HandledRotation, RotationStore } from "./state/rotation-types.ts";
export type { ScanCheckpoint, ScanSaved, ScanStore } from "./state/scan-types.ts";
export { splitDebt } from "./state/split-debt.ts";
export { createStateStore, type StateStoreDeps } from "./state/state-store.ts";
export type {
  Heartbeat,
  QuarantineEntry,
  StateStore,
  TransitKey,
  TransitKeyWrap,
} from "./state/state-types.ts";
export { type CreateTablesOptions, createTables } from "./tables/create-tables.ts";
export { planTables, type TablePlan } from "./tables/plan-tables.ts";
export { type TableDefinition, type TableNames, tableDefinitions, tableNames } from "./tables/table-definitions.ts";
export type { BlobEncoding } from "./wraps/blob-encoding.ts";
export { createDekhandWrapStore, type DekhandWrapStoreDeps } from "./wraps/dekhand-wrap-store.ts";
export { createDynamodbWrapStore, type DynamodbWrapStoreOptions } from "./wraps/dynamodb/dynamodb-wrap-store.ts";
export type { KeyAttribute } from "./wraps/dynamodb/table-key.ts";
export type { DynamodbWrapMapping } from "./wraps/dynamodb/wrap-mapping.ts";
export type { ModuleWrap, WrapStoreModule } from "./wraps/module/module-types.ts";
export { createModuleWrapStore, type ModuleWrapStoreOptions } from "./wraps/module/module-wrap-store.ts";
export { type OpenPostgres, type OpenPostgresOptions, openPostgres } from "./wraps/postgres/open-postgres.ts";
export {
  type PostgresConnection,
  type PostgresPool,
  type PostgresQuery,
  type PostgresResult,
  postgresQuery,
} from "./wraps/postgres/postgres-query.ts";
export {
  createPostgresWrapStore,
  type PostgresStatements,
  type PostgresWrapStoreOptions,
} from "./wraps/postgres/postgres-wrap-store.ts";
export { transitContext } from "./wraps/transit/transit-wrap.ts";
export { createTransitWrapStore, type TransitWrapStoreDeps } from "./wraps/transit/transit-wrap-store.ts";
export type {
  MalformedWrap,
  SwapOutcome,
  WrapLabels,
  WrapPage,
  WrapRef,
  WrapScanOptions,
  WrapSegment,
  WrapStore,
  WrapSwap,
} from "./wraps/wrap-types.ts";
export {
  type Attributes,
  absent,
  type ConditionalWrite,
  type ConditionalWriter,
  type Conditions,
  type DeleteWrite,
  type InsertWrite,
  type UpdateWrite,
  type WriteMode,
  type WriteResult,
} from "./writer/conditional-write.ts";
export { type ConditionalWriterOptions, createConditionalWriter, type EndpointWriter } from "./writer/create-writer.ts";
