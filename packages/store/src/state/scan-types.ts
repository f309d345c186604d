import type { CallOptions } from "../dynamodb/call-options.ts";

/** How far one segment of a scan that is done over and over has come. */
export interface ScanCheckpoint {
  /** Which scan: 1 to 200 bytes. */
  readonly name: string;
  /** Which of how many parallel segments, from 0: the cursor is of use with just as many. */
  readonly segment: { readonly index: number; readonly of: number };
  /** Where to go on; absent at the start, and at the end. */
  readonly cursor?: string;
  /** Whole numbers by name, of this pass. What the names mean is the affair of who counts. */
  readonly counts: Readonly<Record<string, number>>;
  /** When this pass began, ISO 8601. */
  readonly startedAt: string;
  /** When this pass was through with the segment. */
  readonly doneAt?: string;
  /** Counts the writes, from 1; 0: none is stored. */
  readonly seq: number;
}

/**
 * - `saved`: go on with this one, whose `seq` is the next one.
 * - `lost`: somebody else has written it since it was read; what they do counts.
 */
export type ScanSaved = { readonly kind: "saved"; readonly checkpoint: ScanCheckpoint } | { readonly kind: "lost" };

export interface ScanStore {
  /**
   * The checkpoints of all its segments, by number of segments and then by index; of an earlier division, too.
   * Strongly consistent. Throws STORE_ITEM_MALFORMED.
   */
  getScan(name: string, options?: CallOptions): Promise<readonly ScanCheckpoint[]>;
  /** Writes the checkpoint where the stored one still has that `seq`. */
  saveScan(checkpoint: ScanCheckpoint, options?: CallOptions): Promise<ScanSaved>;
}
