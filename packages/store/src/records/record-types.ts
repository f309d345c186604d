import type { EncryptionContext } from "@dekhand/envelope";
import type { CallOptions } from "../dynamodb/call-options.ts";
import type { StoreError } from "../errors.ts";

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

export interface RecordStore {
  /** Stores each record by itself and answers in the order of the input. Does not throw. */
  put(records: readonly RecordWrite[], options?: CallOptions): Promise<readonly PutOutcome[]>;
  /**
   * Strongly consistent. Throws STORE_ITEM_MALFORMED, STORE_RECORD_DAMAGED,
   * STORE_PART_MISSING, STORE_CONTENDED and what DynamoDB's failures become.
   */
  get(recordId: string, options?: CallOptions): Promise<StoredRecord | undefined>;
}
