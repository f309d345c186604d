import type { Copied, CopyOutcome } from "../copies/copy-types.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import type { StoredDek, StoredWrap } from "./dek-types.ts";

/** What one Region's table has of a DEK. */
export interface DekFound {
  readonly dekId: string;
  readonly dek?: StoredDek;
  /** For the Region that was asked about. */
  readonly wrap?: StoredWrap;
  /** What is there and cannot be read. */
  readonly unreadable: readonly ("dek" | "wrap")[];
}

export interface DekCopy {
  /** As another Region has it. */
  readonly dek: StoredDek;
  /**
   * Only to repair: the DEK of that id as it was read in the target, which is another one or damaged. Default: what is there
   * stays, but for its status.
   */
  readonly replaces?: StoredDek | "unreadable";
}

export interface WrapCopy {
  /** Its campaign's label included, where it has one. */
  readonly wrap: StoredWrap;
  /** What was read in the target. */
  readonly expected: { readonly blob: Uint8Array } | "absent" | "unreadable";
}

/** Bringing DEKs and wraps that another Region has into this one. Write wrap and DEK before what is sealed under it. */
export interface DekCopying {
  /**
   * Has an entry for every id, two items each: BatchGetItem reads 50 DEKs a call. Strongly consistent. What cannot be read
   * of one stops no other.
   */
  getMany(dekIds: readonly string[], region: string, options?: CallOptions): Promise<ReadonlyMap<string, DekFound>>;
  /**
   * Stores the DEK as it is, status and all, where there is none of that id. On one that is there, only the status changes,
   * and only forward: from `active`, or to one that it came to later (`statusAt`; at the same time, `retired` is later).
   * So a slow copy never brings an older status back, and `same` is a DEK with that status or a later one. `conflict`:
   * another DEK has that id, or one that cannot be read. Throws StoreError, and the signal's reason.
   */
  putDekCopy(dek: StoredDek, options?: CallOptions & Pick<DekCopy, "replaces">): Promise<Copied>;
  /** The same for many, item by item in the order of the input. Does not throw. */
  putDekCopies(copies: readonly DekCopy[], options?: CallOptions): Promise<readonly CopyOutcome[]>;
  /**
   * Stores the wrap, labels and all, where the target's is what was read. Throws StoreError, and the signal's reason.
   */
  putWrapCopy(
    dekId: string,
    wrap: Omit<StoredWrap, "dekId">,
    expected: WrapCopy["expected"],
    options?: CallOptions,
  ): Promise<Copied>;
  /** The same for many, item by item in the order of the input. Does not throw. */
  putWrapCopies(copies: readonly WrapCopy[], options?: CallOptions): Promise<readonly CopyOutcome[]>;
}
