import type { EncryptionContext } from "@dekhand/envelope";
import type { CallOptions } from "../dynamodb/call-options.ts";
import type { StoreError } from "../errors.ts";
import type { OldParts } from "./old-part-types.ts";
import type { RecordCopying } from "./record-copy-types.ts";

export interface RecordWrite {
  /** 1 to 512 UTF-8 bytes. */
  readonly recordId: string;
  readonly jobId: string;
  readonly dekId: string;
  readonly context: EncryptionContext;
  readonly contentType: string;
  readonly revision?: number;
  readonly epoch: number;
  /** The envelope's nonce, lower-case hex. */
  readonly sealId: string;
  readonly envelope: Buffer;
  /** Plaintext bytes. */
  readonly size: number;
}

/** What was written, and what the store adds to it. */
export interface StoredRecord extends RecordWrite {
  /** SHA-256 of the envelope, lower-case hex; checked. */
  readonly digest: string;
  /** When it was stored, ISO 8601. */
  readonly createdAt: string;
}

/** What the table says of a record, without its envelope. */
export interface RecordHead extends Omit<StoredRecord, "envelope"> {
  /** Items that the envelope is in, beside the head; 0 where the head carries it. */
  readonly parts: number;
}

/** A head that this version cannot read. */
export interface MalformedHead {
  readonly recordId: string;
  /** The DEK that it names, where so much of it can be read. */
  readonly dekId?: string;
  /** In words, for an operator; never repeats what is stored. */
  readonly reason: string;
}

export interface HeadPage {
  readonly heads: readonly RecordHead[];
  readonly malformed: readonly MalformedHead[];
  /** Hand it back for the next page of the same segment; absent: the segment is done. A page may be empty and have one. */
  readonly cursor?: string;
}

export interface HeadScanOptions extends CallOptions {
  /** Of the page before, in the same segment. Default: from the start. */
  readonly cursor?: string;
  /** Items read a page, parts included, at most 10,000; DynamoDB ends a page at 1 MB. Default 500. */
  readonly pageSize?: number;
  /** Sees every write that was acknowledged before the page was asked for. Default false. */
  readonly consistent?: boolean;
}

/** What is new of a record that is sealed again: all that its head says beside stays. */
export type Resealing = Pick<RecordWrite, "dekId" | "sealId" | "envelope">;

/**
 * - `replaced`: the new envelope is stored, also where an earlier sending of the same did it.
 * - `conflict`: the record has another sealing than the one that was read.
 * - `gone`: there is no such record any more.
 */
export type Resealed = "replaced" | "conflict" | "gone";

/**
 * - `stored`: the record is new.
 * - `replaced`: it took the place of a lower revision.
 * - `duplicate`: the same job had stored it before; a success without effect.
 * - `superseded`: a higher revision is there already; a success without effect.
 * - `rejected`: for good, with the reason's code.
 * - `failed`: nothing is known to be stored; `error.retryable` says whether to try again.
 */
export type PutOutcome =
  | { readonly kind: "stored" | "replaced" | "duplicate" | "superseded" }
  | {
      readonly kind: "rejected";
      readonly code: "STORE_RECORD_EXISTS" | "STORE_REVISION_CONFLICT" | "STORE_VALUE_INVALID" | "STORE_ITEM_TOO_LARGE";
    }
  | { readonly kind: "failed"; readonly error: StoreError };

export interface RecordStore extends RecordCopying, OldParts {
  /** Stores each record by itself and answers in the order of the input. Does not throw. */
  put(records: readonly RecordWrite[], options?: CallOptions): Promise<readonly PutOutcome[]>;
  /**
   * Strongly consistent. Throws STORE_ITEM_MALFORMED, STORE_RECORD_DAMAGED,
   * STORE_PART_MISSING, STORE_CONTENDED and what DynamoDB's failures become.
   */
  get(recordId: string, options?: CallOptions): Promise<StoredRecord | undefined>;
  /** The head alone; strongly consistent. Throws STORE_ITEM_MALFORMED and what DynamoDB's failures become. */
  getHead(recordId: string, options?: CallOptions): Promise<RecordHead | undefined>;
  /**
   * One page of one parallel segment. All pages of all segments give every record that is there throughout once. Throws
   * STORE_VALUE_INVALID for a segment, cursor or page size that the table does not have.
   */
  scanHeads(segment: { readonly index: number; readonly of: number }, options?: HeadScanOptions): Promise<HeadPage>;
  /**
   * Puts another envelope in the place of the record's, where it still has the seal id that was read: the same record of
   * the same job, revision, epoch and time, so that it is neither a newer one nor in the way of one. Repeating it is safe.
   * Throws StoreError, and the signal's reason. Old parts stay, for who is still reading them.
   */
  reseal(record: StoredRecord, next: Resealing, options?: CallOptions): Promise<Resealed>;
}
