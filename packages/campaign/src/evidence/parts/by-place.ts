/** Segments put together by store and Region. */

import type { Segment } from "@dekhand/store";
import type { CensusEvidence } from "../schema/evidence-schema.ts";

/** In the order of stores and Regions. */
export function byPlace(segments: readonly Segment[]): readonly (readonly Segment[])[] {
  return grouped(segments, ({ store, region }) => JSON.stringify([store, region]));
}

/** By what they are told apart by, in that order. */
export function grouped(segments: readonly Segment[], keyOf: (segment: Segment) => string) {
  const groups = Map.groupBy(segments, keyOf);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

type Reach = Pick<CensusEvidence, "store" | "region" | "segments" | "done" | "whole" | "lastAt">;

/** How far the segments of one store and Region in one sweep are. */
export function reachOf(segments: readonly Segment[]): Reach {
  const [first] = segments;
  const done = segments.filter(({ state }) => state === "done");
  const lastAt =
    segments
      .map(({ updatedAt }) => updatedAt)
      .toSorted()
      .at(-1) || undefined;
  return {
    store: first?.store ?? "",
    region: first?.region ?? "",
    segments: segments.length,
    done: done.length,
    whole: isWhole(done, first?.of),
    ...(lastAt === undefined ? {} : { lastAt }),
  };
}

function isWhole(done: readonly Segment[], of: number | undefined): boolean {
  const indexes = new Set(done.filter((one) => one.of === of).map(({ index }) => index));
  return indexes.size === of;
}
