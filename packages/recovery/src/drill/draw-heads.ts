/**
 * Draws heads of records from all over a table. DynamoDB reads a table from its
 * start only, but in as many parallel segments as one asks for, and each starts
 * somewhere else: so a sample is drawn from the beginnings of many segments, of a
 * number that is another one each time.
 */

import type { CallOptions, HeadPage, MalformedHead, RecordHead, RecordStore } from "@dekhand/store";
import { seededRandom, shuffle } from "./seeded-random.ts";

export type DrawnHead = RecordHead | MalformedHead;

type Source = Pick<RecordStore, "scanHeads">;

export interface DrawOptions extends CallOptions {
  readonly seed: string;
}

/** A segment of which no more than so many items are there is read to its end. */
const pageSize = 100;
const maxSegments = 1_000_000;
/** A sample comes from so many places of the table, at least, where there are as many. */
const places = 50;

export async function* allHeads(source: Source, options: CallOptions): AsyncGenerator<readonly DrawnHead[]> {
  let cursor: string | undefined;
  do {
    const from = cursor === undefined ? {} : { cursor };
    const page = await source.scanHeads({ index: 0, of: 1 }, { ...options, ...from, pageSize: 500 });
    yield [...page.heads, ...page.malformed];
    ({ cursor } = page);
  } while (cursor !== undefined);
}

/** At most `count` heads; fewer only where the table has no more. Throws StoreError, and the signal's reason. */
export async function* drawHeads(
  source: Source,
  count: number,
  { seed, signal }: DrawOptions,
): AsyncGenerator<readonly DrawnHead[]> {
  const random = seededRandom(seed);
  const of = await segmentsToDrawFrom(source, random, { signal });
  const each = Math.max(1, Math.ceil(count / places));
  const drawn = new Set<string>();
  for (const index of randomOrder(of, random)) {
    if (drawn.size === count) return;
    const heads = shuffle(await firstPage(source, { index, of }, { signal }), random).slice(0, each);
    yield draw(heads);
  }
  // Every segment's beginning has been seen, so the table is a small one.
  for await (const heads of allHeads(source, { signal })) {
    if (drawn.size === count) return;
    yield draw(heads);
  }

  function draw(heads: readonly DrawnHead[]): readonly DrawnHead[] {
    const fresh = heads.filter(({ recordId }) => !drawn.has(recordId)).slice(0, count - drawn.size);
    for (const { recordId } of fresh) drawn.add(recordId);
    return fresh;
  }
}

/** So many that one page holds a segment: from more than it needs, most would be empty. */
async function segmentsToDrawFrom(source: Source, random: () => number, options: CallOptions): Promise<number> {
  for (let about = 64; ; about *= 8) {
    const of = Math.min(maxSegments, Math.floor(about * (1 + random())));
    if (of === maxSegments) return of;
    const index = Math.floor(random() * of);
    const { cursor } = await page(source, { index, of }, options);
    if (cursor === undefined) return of;
  }
}

/** A full page of parts may hold no head: goes on until there is one, or the segment's end. */
async function firstPage(
  source: Source,
  segment: { readonly index: number; readonly of: number },
  options: CallOptions,
): Promise<DrawnHead[]> {
  let cursor: string | undefined;
  do {
    const found = await page(source, segment, { ...options, cursor });
    const heads = [...found.heads, ...found.malformed];
    if (heads.length > 0) return heads;
    ({ cursor } = found);
  } while (cursor !== undefined);
  return [];
}

function page(
  source: Source,
  segment: { readonly index: number; readonly of: number },
  { cursor, signal }: CallOptions & { readonly cursor?: string | undefined },
): Promise<HeadPage> {
  return source.scanHeads(segment, { pageSize, signal, ...(cursor === undefined ? {} : { cursor }) });
}

/** The numbers below `of`, each once, shuffled as far as they are asked for: a million are not made for the first fifty. */
function* randomOrder(of: number, random: () => number): Generator<number> {
  const moved = new Map<number, number>();
  for (let last = of - 1; last >= 0; last -= 1) {
    const at = Math.floor(random() * (last + 1));
    yield moved.get(at) ?? at;
    moved.set(at, moved.get(last) ?? last);
    moved.delete(last);
  }
}
