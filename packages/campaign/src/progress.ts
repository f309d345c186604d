/** How far a campaign has come, by its segments' checkpoints. Progress only: proof is the closing census. */

import type { Segment, SegmentPhase } from "@dekhand/store";
import { readTally } from "./census-tally.ts";
import { type CampaignView, segmentsOf, sweepOf } from "./driver/campaign-view.ts";
import { addCounts } from "./rewrap-counts.ts";

export interface CampaignProgress {
  /** What is being worked at, or was last. */
  readonly phase: SegmentPhase;
  readonly sweep: number;
  readonly segments: { readonly done: number; readonly all: number };
  /** Items looked at in this phase, and how many there are, as far as the census before the campaign has told. */
  readonly items: { readonly done: number; readonly all?: number };
  /** The phase's counts, added up over its segments. */
  readonly counts: Readonly<Record<string, number>>;
}

/** Undefined before the first segment exists. */
export function progressOf(view: CampaignView): CampaignProgress | undefined {
  const phase = phaseOf(view);
  if (phase === undefined) return undefined;
  const sweep = inSweeps.has(phase) ? sweepOf(view) : 1;
  const segments = segmentsOf(view, phase, sweep);
  const counts = addCounts(segments.map((segment) => segment.counts));
  const all = countedBefore(view, segments);
  return {
    phase,
    sweep,
    segments: { done: segments.filter(({ state }) => state === "done").length, all: segments.length },
    items: { done: itemsIn(phase, counts), ...(all === undefined || phase === "canary" ? {} : { all }) },
    counts,
  };
}

const inSweeps: ReadonlySet<SegmentPhase> = new Set(["rewrap", "retry", "follow", "verify", "reseal"]);

/** That of the newest segments. */
function phaseOf({ segments }: CampaignView): SegmentPhase | undefined {
  return segments.at(-1)?.phase;
}

function itemsIn(phase: SegmentPhase, counts: Readonly<Record<string, number>>): number {
  return phase === "census" || phase === "verify" ? wrapsIn(counts) : (counts.scanned ?? 0);
}

/** All wraps of the stores and Regions that are worked at, once the census before the campaign is done. */
function countedBefore(view: CampaignView, worked: readonly Segment[]): number | undefined {
  const census = segmentsOf(view, "census");
  if (census.length === 0 || census.some(({ state }) => state === "open")) return undefined;
  const here = census.filter(({ store, region }) => worked.some((one) => one.store === store && one.region === region));
  return wrapsIn(addCounts(here.map(({ counts }) => counts)));
}

/** All wraps that a census counts. */
export function wrapsIn(counts: Readonly<Record<string, number>>): number {
  const { groups, unlisted, malformed } = readTally(counts);
  return groups.reduce((sum, { count }) => sum + count, unlisted + malformed);
}
