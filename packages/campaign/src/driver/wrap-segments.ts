import type { CallOptions, CampaignStore, NewSegment, SegmentPhase } from "@dekhand/store";
import { type PreflightFindings, preflightDocument, readFindings } from "../phases/preflight-findings.ts";
import { wrapsIn } from "../progress.ts";
import { addCounts } from "../rewrap-counts.ts";
import { type CampaignView, segmentsOf } from "./campaign-view.ts";
import { targetsIn } from "./step.ts";

/** What workers found out in the preflight, target by target. Undefined where something of it is missing. */
export async function findingsOf(
  view: CampaignView,
  campaigns: Pick<CampaignStore, "getDocument">,
  options: CallOptions,
): Promise<readonly PreflightFindings[] | undefined> {
  const all: PreflightFindings[] = [];
  for (const { number } of segmentsOf(view, "preflight")) {
    const document = await campaigns.getDocument(view.campaign.id, preflightDocument(number), options);
    const findings = document === undefined ? undefined : readFindings(document);
    if (findings === undefined) return undefined;
    all.push(findings);
  }
  return all;
}

/** Wraps that are worth a segment of their own: each costs a claim, and a checkpoint a page. */
const wrapsPerSegment = 200;

/**
 * As many segments for each target as its store can be split into, as its preflight has told; fewer, where the census has
 * found few wraps.
 */
export async function wrapSegments(
  view: CampaignView,
  phase: SegmentPhase,
  sweep: number,
  campaigns: Pick<CampaignStore, "getDocument">,
  options: CallOptions,
): Promise<readonly Omit<NewSegment, "number">[]> {
  const findings = (await findingsOf(view, campaigns, options)) ?? [];
  return targetsIn(view.campaign, phase).flatMap(({ store, region }) => {
    const here = (one: { readonly store: string; readonly region: string }) =>
      one.store === store && one.region === region;
    const most = findings.find(here)?.segments ?? 1;
    const counted = segmentsOf(view, "census").filter(here);
    const wraps = counted.length === 0 ? undefined : wrapsIn(addCounts(counted.map(({ counts }) => counts)));
    const of = wraps === undefined ? most : Math.min(most, Math.max(1, Math.ceil(wraps / wrapsPerSegment)));
    return Array.from({ length: of }, (_, index) => ({ phase, sweep, store, region, index, of }));
  });
}
