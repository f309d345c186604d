import type { Segment } from "@dekhand/store";
import { addCounts } from "../../rewrap-counts.ts";
import type { Evidence } from "../schema/evidence-schema.ts";
import { byPlace, grouped, reachOf } from "./by-place.ts";

export function canaryEvidence(segments: readonly Segment[]): Evidence["canary"] {
  return byPlace(segments.filter(({ phase }) => phase === "canary")).map((ofPlace) => ({
    ...reachOf(ofPlace),
    counts: totals(ofPlace),
  }));
}

/** By sweep, then phase, store and Region. */
export function progressEvidence(segments: readonly Segment[]): Evidence["progress"] {
  return (["rewrap", "retry", "follow", "reseal"] as const)
    .flatMap((phase) => sweepsOf(segments, phase))
    .toSorted((a, b) => a.sweep - b.sweep);
}

type Sweep = Evidence["progress"][number];

function sweepsOf(segments: readonly Segment[], phase: Sweep["phase"]): readonly Sweep[] {
  const inPhase = segments.filter((segment) => segment.phase === phase);
  const groups = grouped(inPhase, ({ sweep, store, region }) => JSON.stringify([sweep, store, region]));
  return groups.map((group) => ({
    sweep: group[0]?.sweep ?? 0,
    phase,
    ...reachOf(group),
    counts: totals(group),
  }));
}

function totals(segments: readonly Segment[]) {
  return addCounts(segments.map(({ counts }) => counts));
}
