/**
 * What campaign, census and verification know of a place that holds wraps:
 * Dekhand's own tables or somebody else's.
 *
 * A wrap store reads and swaps; what a wrap is worth it does not judge. It knows
 * no KMS, and key ARN, material and context are what the store says, never
 * authority. Failures of whole calls are StoreErrors; an aborted `scan` or `read`
 * throws the signal's reason.
 */

import type { CallOptions } from "../dynamodb/call-options.ts";
import type { StoreError } from "../errors.ts";

/** A wrap as a campaign sees it. */
export interface WrapRef {
  /** Unique within its store; of Dekhand's own tables the DEK id. */
  readonly id: string;
  /** A label, where the store keeps one. */
  readonly keyArn?: string;
  /** KMS's key material id: a label, where the store keeps one. */
  readonly material?: string;
  /** The KMS ciphertext, 1 to 6,144 bytes. */
  readonly blob: Uint8Array;
  /** The KMS encryption context. */
  readonly context: Readonly<Record<string, string>>;
  /** The campaign that swapped it in: a label, where the store keeps one. */
  readonly campaign?: string;
  /** ISO 8601: a label, where the store keeps one. */
  readonly wrappedAt?: string;
}

/** Something that should be a wrap and cannot be read as one, or that KMS cannot rewrap. */
export interface MalformedWrap {
  readonly id: string;
  /** In words, for an operator; never repeats what is stored. */
  readonly reason: string;
}

export interface WrapPage {
  readonly wraps: readonly WrapRef[];
  readonly malformed: readonly MalformedWrap[];
  /** Hand it back for the next page of the same segment; absent: the segment is done. A page may be empty and have one. */
  readonly cursor?: string;
}

export interface WrapSegment {
  /** From 0. */
  readonly index: number;
  readonly of: number;
}

export interface WrapScanOptions extends CallOptions {
  /** Of the page before, in the same segment. Default: from the start. */
  readonly cursor?: string;
  /** Items read a page, at most: 1 to 10,000. Default 500. */
  readonly pageSize?: number;
  /** Sees every write that was acknowledged before the page was asked for. Default false. */
  readonly consistent?: boolean;
}

export interface WrapSwap {
  readonly id: string;
  /** The blob that was read: the swap happens only while it is still the stored one. */
  readonly oldBlob: Uint8Array;
  readonly next: {
    readonly blob: Uint8Array;
    readonly keyArn: string;
    /** Absent: a material id that the store kept is removed. */
    readonly material?: string;
    readonly campaign: string;
    /** ISO 8601. */
    readonly wrappedAt: string;
  };
}

/**
 * - `swapped`: the next blob is stored, also where an earlier sending of the same swap did it.
 * - `conflict`: another blob is stored than the one that was read.
 * - `gone`: there is no wrap of that id any more.
 * - `failed`: the error says why; where it is retryable, the swap may have taken effect.
 */
export type SwapOutcome =
  | { readonly kind: "swapped" }
  | { readonly kind: "conflict" }
  | { readonly kind: "gone" }
  | { readonly kind: "failed"; readonly error: StoreError };

/** Which labels a store keeps through a swap. */
export interface WrapLabels {
  readonly keyArn: boolean;
  readonly material: boolean;
  readonly campaign: boolean;
}

export interface WrapStore {
  /** `dekhand`, or the configured name. */
  readonly name: string;
  /** The Region whose KMS its wraps belong to. */
  readonly region: string;
  readonly labels: WrapLabels;
  /** How many segments it really has when so many are wanted: at least 1, at most `wanted`. */
  segments(wanted: number): number;
  /**
   * One page of one segment. All pages of all segments give every wrap that is there throughout once. Throws
   * STORE_VALUE_INVALID for a segment, cursor or page size that it does not have.
   */
  scan(segment: WrapSegment, options?: WrapScanOptions): Promise<WrapPage>;
  /** One wrap, strongly consistent; undefined where there is none. Throws STORE_ITEM_MALFORMED for what cannot be read. */
  read(id: string, options?: CallOptions): Promise<WrapRef | undefined>;
  /**
   * Each by itself, conditional on the blob that was read; one that fails stops no other. Answers in the order of the
   * input and does not throw: an aborted signal makes what is left `failed` with STORE_CANCELLED. Sending a swap again
   * whose answer was lost is safe.
   */
  swap(swaps: readonly WrapSwap[], options?: CallOptions): Promise<readonly SwapOutcome[]>;
}
