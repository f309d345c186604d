import type { EncryptionContext } from "@dekhand/envelope";
import type { CallOptions } from "../dynamodb/call-options.ts";
import type { DekCopying } from "./dek-copy-types.ts";

export interface NewDek {
  /** UUIDv7, canonical lower-case text. */
  readonly dekId: string;
  readonly profile: string;
  readonly suite: number;
  /** 32 bytes, public. */
  readonly commitment: Uint8Array;
  /** The KMS encryption context. */
  readonly context: EncryptionContext;
  /** The Region where the DEK was created. */
  readonly home: string;
  /** ISO 8601. */
  readonly createdAt: string;
}

export const DEK_STATUSES = ["active", "retiring", "retired"] as const;

/**
 * - `active`: it may seal, as long as the worker that made it keeps it for that.
 * - `retiring`: its records are being sealed again under other DEKs.
 * - `retired`: no record was found under it any more.
 *
 * It says nothing about opening: a DEK opens what was sealed under it whatever its status, and its wraps stay.
 */
export type DekStatus = (typeof DEK_STATUSES)[number];

export interface StoredDek extends NewDek {
  readonly status: DekStatus;
  /** When it came to that status, ISO 8601. Absent: it has been active from its birth. */
  readonly statusAt?: string;
}

/** The ways from status to status. None leads back to `active`: a new DEK costs less than to know that an old one is sound. */
export type DekStatusChange = (
  | { readonly from: "active"; readonly to: "retiring" }
  | { readonly from: "retiring"; readonly to: "retired" }
  /** A record was found under it after all. */
  | { readonly from: "retired"; readonly to: "retiring" }
) & {
  /** ISO 8601. */
  readonly at: string;
};

/** `conflict`: it has another status than the one that was read; `gone`: there is no such DEK. */
export type DekStatusChanged = "changed" | "conflict" | "gone";

/** One DEK encrypted under one KMS key in one Region. Key ARN and context are labels, never authority. */
export interface Wrap {
  readonly region: string;
  readonly keyArn: string;
  /** KMS's key material id, where KMS told one. */
  readonly material?: string;
  readonly blob: Uint8Array;
  readonly context: EncryptionContext;
  /** ISO 8601. */
  readonly wrappedAt: string;
}

export interface StoredWrap extends Wrap {
  readonly dekId: string;
  /** The campaign that swapped it in. */
  readonly campaign?: string;
}

/** What a swap puts in place of a wrap; the context stays. */
export type WrapChange = Pick<Wrap, "keyArn" | "material" | "blob" | "wrappedAt">;

/** `conflict`: the wrap is not as it was read; `gone`: it is not there any more. */
export type WrapSwapped = "swapped" | "conflict" | "gone";

export interface DekWithWrap {
  readonly dek: StoredDek;
  readonly wrap: StoredWrap;
}

export type DekSummary = Pick<StoredDek, "dekId" | "profile" | "home" | "createdAt" | "status" | "statusAt">;
export type WrapSummary = Pick<StoredWrap, "dekId" | "region" | "keyArn" | "material" | "wrappedAt" | "campaign">;

export interface DekPage {
  readonly deks: readonly DekSummary[];
  readonly wraps: readonly WrapSummary[];
  /** Items that this version cannot read: keys only. */
  readonly malformed: readonly { readonly dekId: string; readonly item: string }[];
}

export interface ScanOptions extends CallOptions {
  /** Which of how many parallel segments to read. Default: the whole table as one. */
  readonly segment?: { readonly index: number; readonly of: number };
  /** Items read a page, at most. */
  readonly pageSize?: number;
  /** Sees every write that was acknowledged before the page was asked for. Default false. */
  readonly consistent?: boolean;
}

export interface DekCounts {
  readonly deks: readonly { readonly profile: string; readonly home: string; readonly count: number }[];
  readonly wraps: readonly {
    readonly region: string;
    readonly keyArn: string;
    readonly material?: string;
    readonly count: number;
  }[];
  readonly malformed: number;
}

export interface InsertOptions extends CallOptions {
  /** Of other Regions: this one's copies of them. */
  readonly moreWraps?: readonly Wrap[];
}

export interface DekStore extends DekCopying {
  /**
   * Returns once DEK and wraps are durable; throws StoreError otherwise. The wraps
   * are written first, so there is never a DEK without one. Repeating it is safe.
   */
  insert(dek: NewDek, wrap: Wrap, options?: InsertOptions): Promise<void>;
  /** Strongly consistent. Undefined when the DEK, or its wrap for that Region, is not there. */
  get(dekId: string, region: string, options?: CallOptions): Promise<DekWithWrap | undefined>;
  /** What a DEK says of itself, whatever wraps it has. Strongly consistent. */
  getSummary(dekId: string, options?: CallOptions): Promise<DekSummary | undefined>;
  /** Changes the status of a DEK that still has the one that was read. Repeating it is safe. */
  setStatus(dekId: string, change: DekStatusChange, options?: CallOptions): Promise<DekStatusChanged>;
  /**
   * Replaces the DEK's wrap of a Region where its blob is still `oldBlob`. It then belongs to no campaign. Repeating it
   * is safe: a swap that meets itself is *swapped*.
   */
  swapWrap(
    dekId: string,
    region: string,
    oldBlob: Uint8Array,
    next: WrapChange,
    options?: CallOptions,
  ): Promise<WrapSwapped>;
  /** Pages of labels without blobs, in no order; unless `consistent`, as the table is while it is read. */
  scan(options?: ScanOptions): AsyncIterable<DekPage>;
  /** Counts by profile, and by Region, key and material, in parallel segments (default 4). */
  count(options?: CallOptions & { readonly segments?: number }): Promise<DekCounts>;
}
