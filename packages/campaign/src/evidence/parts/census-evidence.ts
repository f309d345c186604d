/** What was counted before the campaign, and at its end, by store and Region. */

import type { Segment, SegmentCounts } from "@dekhand/store";
import { type CensusTally, createTally, isTallyKey, readTally } from "../../census-tally.ts";
import { addCounts } from "../../rewrap-counts.ts";
import type { CensusEvidence, ClosingCensus } from "../schema/evidence-schema.ts";
import { byPlace, reachOf } from "./by-place.ts";

export function censusBefore(segments: readonly Segment[]): readonly CensusEvidence[] {
  const counted = byPlace(segments.filter(({ phase }) => phase === "census"));
  return counted.map((ofPlace) => ({ ...reachOf(ofPlace), ...tallyOf(ofPlace) }));
}

/** That of the last sweep: earlier ones found something to do, or were not finished. */
export function closingCensus(segments: readonly Segment[]): readonly ClosingCensus[] {
  const counted = byPlace(segments.filter(({ phase }) => phase === "verify"));
  return counted.map((ofPlace) => {
    const sweep = Math.max(...ofPlace.map((segment) => segment.sweep));
    const last = ofPlace.filter((segment) => segment.sweep === sweep);
    const judged = addCounts(last.map(({ counts }) => pick(counts, (name) => !isTallyKey(name))));
    return { ...reachOf(last), sweep, ...tallyOf(last), judged };
  });
}

function tallyOf(segments: readonly Segment[]): CensusTally {
  const tally = createTally();
  for (const { counts } of segments) tally.addCounts(pick(counts, isTallyKey));
  return readTally(tally.counts());
}

function pick(counts: SegmentCounts, isWanted: (name: string) => boolean): SegmentCounts {
  return Object.fromEntries(Object.entries(counts).filter(([name]) => isWanted(name)));
}
