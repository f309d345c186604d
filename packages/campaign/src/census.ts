/**
 * A census: all wraps of a store, counted by key and material, and by whether a
 * campaign swapped them. It counts labels; what the wraps really are, probes tell.
 *
 * Memory holds a page of each segment that is being read, and at most 1,000
 * kinds. Fails with StoreErrors as they come: half a census is none.
 */

import { allOrAbort } from "@dekhand/runtime";
import type { CallOptions, SegmentCounts, WrapScanOptions, WrapStore } from "@dekhand/store";
import { type CensusTally, createTally, readTally } from "./census-tally.ts";

export interface CensusOptions extends CallOptions {
  /** Whose swaps are counted apart. */
  readonly campaignId?: string;
  /** Sees every wrap that was acknowledged before the census began. Default false: as the store is while it is read. */
  readonly consistent?: boolean;
  /** Wraps a page. Default 1,000. */
  readonly pageSize?: number;
}

export interface SegmentCensusOptions extends CensusOptions {
  /** Where an earlier run came to; its counts with it. */
  readonly from?: { readonly cursor?: string; readonly counts: SegmentCounts };
  /** Hears of each page, so that it can be kept and gone on with from there. False ends the census of the segment. */
  readonly onPage?: (page: CensusPage) => Promise<boolean>;
}

export interface CensusPage {
  /** Absent: the segment is done. */
  readonly cursor?: string;
  readonly counts: SegmentCounts;
}

type Countable = Pick<WrapStore, "name" | "region" | "segments" | "scan">;

/** Counts one segment; answers what is counted by its end, or by when `onPage` ended it. */
export async function censusSegment(
  store: Pick<Countable, "scan">,
  segment: { readonly index: number; readonly of: number },
  { campaignId, consistent = false, pageSize = 1_000, from, onPage, signal }: SegmentCensusOptions = {},
): Promise<CensusPage> {
  const tally = createTally(from?.counts);
  let cursor = from?.cursor;
  for (;;) {
    const options: WrapScanOptions = { consistent, pageSize, signal, ...(cursor === undefined ? {} : { cursor }) };
    const page = await store.scan(segment, options);
    for (const wrap of page.wraps) tally.addWrap(wrap, campaignId);
    tally.addMalformed(page.malformed.length);
    ({ cursor } = page);
    const counted = { ...(cursor === undefined ? {} : { cursor }), counts: tally.counts() };
    const goesOn = (await onPage?.(counted)) ?? true;
    if (cursor === undefined || !goesOn) return counted;
  }
}

export interface StoreCensus extends CensusTally {
  readonly store: string;
  readonly region: string;
}

/** Counts each store in so many parallel segments (default 4), one store after the other. */
export async function takeCensus(
  stores: readonly Countable[],
  { segments = 4, ...options }: CensusOptions & { readonly segments?: number } = {},
): Promise<readonly StoreCensus[]> {
  const censuses: StoreCensus[] = [];
  for (const store of stores) {
    const counts = await countStore(store, store.segments(segments), options);
    censuses.push({ store: store.name, region: store.region, ...readTally(counts) });
  }
  return censuses;
}

async function countStore(store: Countable, of: number, options: CensusOptions): Promise<SegmentCounts> {
  const tally = createTally();
  const segments = Array.from({ length: of }, (_, index) => async (signal: AbortSignal) => {
    const { counts } = await censusSegment(store, { index, of }, { ...options, signal });
    tally.addCounts(counts);
  });
  await allOrAbort(segments, options.signal);
  return tally.counts();
}
