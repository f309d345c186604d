export type { CallOptions } from "./call-options.ts";
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
export { STORE_ERROR_CODES, StoreError, type StoreErrorCode } from "./errors.ts";
export type { PutOutcome, RecordStore, RecordWrite, StoredRecord } from "./records/record-types.ts";
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
