export { createDekStore, type DekStoreDeps } from "./deks/dek-store.ts";
export type {
  DekCounts,
  DekPage,
  DekStore,
  DekSummary,
  DekWithWrap,
  NewDek,
  ScanOptions,
  StoredDek,
  StoredWrap,
  Wrap,
  WrapSummary,
} from "./deks/dek-types.ts";
export type { CallOptions } from "./dynamodb/call-options.ts";
export { STORE_ERROR_CODES, StoreError, type StoreErrorCode } from "./errors.ts";
export { type OpenStoresOptions, openStores, type Stores } from "./open-stores.ts";
export { createRecordStore, type RecordStoreDeps } from "./records/record-store.ts";
export type { PutOutcome, RecordStore, RecordWrite, StoredRecord } from "./records/record-types.ts";
export { createStateStore, type StateStoreDeps } from "./state/state-store.ts";
export type {
  Heartbeat,
  Page,
  PageOptions,
  ProfileHome,
  QuarantineEntry,
  StateStore,
  TransitKey,
  TransitKeyWrap,
} from "./state/state-types.ts";
export { type CreateTablesOptions, createTables } from "./tables/create-tables.ts";
export { planTables, type TablePlan } from "./tables/plan-tables.ts";
export { type TableDefinition, type TableNames, tableDefinitions, tableNames } from "./tables/table-definitions.ts";
export {
  type Attributes,
  absent,
  type ConditionalWrite,
  type ConditionalWriter,
  type Conditions,
  type DeleteWrite,
  type InsertWrite,
  type UpdateWrite,
  type WriteResult,
} from "./writer/conditional-write.ts";
export { type ConditionalWriterOptions, createConditionalWriter } from "./writer/create-writer.ts";
