import type { CallOptions } from "../dynamodb/call-options.ts";
import type { HeadScanOptions } from "./record-types.ts";

/** One part of an envelope, in an item of its own beside the record's head. */
export interface StoredPart {
  readonly recordId: string;
  /** Of the sealing that it belongs to: the record's own, or one that its head no longer, or not yet, names. */
  readonly sealId: string;
  /** Counts from 1. */
  readonly number: number;
  /** Since when it is known that no head names it, ISO 8601; absent where nobody has looked, or a copy wrote it again. */
  readonly orphanedAt?: string;
}

export interface PartPage {
  readonly parts: readonly StoredPart[];
  /** Hand it back for the next page of the same segment; absent: the segment is done. A page may be empty and have one. */
  readonly cursor?: string;
}

/**
 * Parts that stay behind when a record is sealed again, replaced, or never finished. Whoever deletes one has seen that no
 * Region's head names its sealing, and has given readers time: the mark says since when.
 */
export interface OldParts {
  /** One page of one parallel segment, as `scanHeads`; parts of records that lost are not among them. */
  scanParts(segment: { readonly index: number; readonly of: number }, options?: HeadScanOptions): Promise<PartPage>;
  /**
   * Marks those that have no mark yet with the time, ISO 8601; a part that is gone makes none. Throws StoreError, and the
   * signal's reason; repeating it is safe.
   */
  markParts(parts: readonly StoredPart[], at: string, options?: CallOptions): Promise<void>;
  /**
   * Deletes those that still have the mark that was read: a part that was written again meanwhile has none, and stays.
   * Answers how many were deleted. Throws STORE_VALUE_INVALID for a part without a mark, StoreError, and the signal's reason.
   */
  deleteParts(parts: readonly StoredPart[], options?: CallOptions): Promise<number>;
}
