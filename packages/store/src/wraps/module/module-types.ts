import type { WrapLabels, WrapRef, WrapScanOptions, WrapSegment, WrapSwap } from "../wrap-types.ts";

/**
 * What a module of yours exports to be a wrap store. Everything it answers is
 * checked; what it throws fails the call, or the one swap, and is tried again
 * later unless it has `retryable: false`.
 */
export interface WrapStoreModule {
  /** Which labels `swap` keeps. Default none. */
  readonly labels?: Partial<WrapLabels>;
  /** How many segments there really are when so many are wanted. Default 1. */
  segments?(wanted: number): number;
  /** One page, of at most `pageSize` wraps. `cursor` is what the page before answered; without one the segment is done. */
  scan(
    segment: WrapSegment,
    options: Readonly<Required<Pick<WrapScanOptions, "pageSize" | "consistent">>> &
      Pick<WrapScanOptions, "cursor" | "signal">,
  ): Promise<{ readonly wraps: readonly ModuleWrap[]; readonly cursor?: string }>;
  /** One wrap, as it is now. */
  read(id: string, options: Pick<WrapScanOptions, "signal">): Promise<ModuleWrap | undefined>;
  /**
   * Stores `next` if the blob is still `oldBlob`, at once and undivided. Several are called at once. What is really
   * there after a `conflict` is found out by `read`.
   */
  swap(swap: WrapSwap, options: Pick<WrapScanOptions, "signal">): Promise<"swapped" | "conflict" | "gone">;
}

/** Without a context the encryption context is empty. */
export type ModuleWrap = Omit<WrapRef, "context"> & Partial<Pick<WrapRef, "context">>;
