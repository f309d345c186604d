import type { Copied, CopyOutcome } from "../copies/copy-types.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import type { StoreError } from "../errors.ts";
import type { MalformedHead, RecordHead, StoredRecord } from "./record-types.ts";

export interface HeadsFound {
  /** By record id; records that are not there are left out. */
  readonly heads: ReadonlyMap<string, RecordHead>;
  readonly malformed: readonly MalformedHead[];
}

export interface RecordCopy {
  /** As another Region has it. */
  readonly record: StoredRecord;
  /**
   * What was read in the target. With the copy's own seal id, the stored record is read as a whole and repaired where it is
   * not what the copy is.
   */
  readonly expected: { readonly sealId: string } | "absent" | "unreadable";
}

/** Bringing records that another Region has into this one, just as they are: they are neither newer ones nor anybody's job. */
export interface RecordCopying {
  /** Strongly consistent; BatchGetItem reads 100 a call. */
  getHeads(recordIds: readonly string[], options?: CallOptions): Promise<HeadsFound>;
  /**
   * Records as a whole, or why one cannot be had (what `get` would throw of it); those that are not there are left out.
   * Strongly consistent; BatchGetItem reads 100 a call, and one in several parts is read by itself. All of them are held in
   * memory: the caller says how many that may be.
   */
  getMany(recordIds: readonly string[], options?: CallOptions): Promise<ReadonlyMap<string, StoredRecord | StoreError>>;
  /**
   * Stores the record, parts first, where the target's is what was read; all that its head says is the other Region's. Old
   * parts stay, for who is still reading them. Throws StoreError, and the signal's reason; STORE_RECORD_DAMAGED where the
   * envelope is not the one that the record's digest tells of.
   */
  putCopy(record: StoredRecord, expected: RecordCopy["expected"], options?: CallOptions): Promise<Copied>;
  /** The same for many, item by item in the order of the input. Does not throw. */
  putCopies(copies: readonly RecordCopy[], options?: CallOptions): Promise<readonly CopyOutcome[]>;
  /**
   * Keeps a record that lost against another one of its id, beside it: it is in nobody's way, and can still be opened by
   * hand. Repeating it is safe.
   */
  keepLost(record: StoredRecord, options?: CallOptions): Promise<void>;
  /** One that was kept so. Fails as `get` does. */
  getLost(recordId: string, sealId: string, options?: CallOptions): Promise<StoredRecord | undefined>;
}
