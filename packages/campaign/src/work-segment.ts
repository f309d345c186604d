/**
 * The loop of a run: claims a segment, works at it page by page with a checkpoint
 * after each, and ends with its slice of time, with the campaign, or when somebody
 * else has the segment. What is done to a page, the caller says.
 */

import { type Clock, systemClock } from "@dekhand/runtime";
import type { CallOptions, Campaign, CampaignControls, CampaignStore, Segment } from "@dekhand/store";
import { pauseItself } from "./apply-trigger.ts";
import { CampaignError } from "./errors.ts";
import { type PageEnd, type PageOptions, type PageWork, PHASE_STATUS } from "./phases/phase.ts";
import type { RunSegmentOptions, SegmentRun } from "./run-segment.ts";
import { watchCampaign } from "./watch-campaign.ts";

export interface WorkSegmentDeps {
  readonly campaigns: Pick<CampaignStore, "get" | "getSegment" | "transition" | "claimSegment" | "checkpoint">;
  /** Hears of the campaign's controls at the start and at every look. */
  readonly onControls?: (campaignId: string, controls: CampaignControls) => void;
  readonly clock?: Clock;
}

export interface SegmentJob {
  readonly campaignId: string;
  readonly segment: number;
}

export type WorkPage = (segment: Segment, options: PageOptions) => Promise<PageEnd>;

/** Called once for a run, when the segment is claimed. */
export type BeginWork = (campaign: Campaign, segment: Segment, work: Pick<PageWork, "at" | "save">) => WorkPage;

/**
 * Throws the signal's reason as soon as that aborts, StoreErrors of the campaigns table, what `begin` throws, and
 * CAMPAIGN_TARGET_UNKNOWN where there is no such campaign.
 */
export async function workSegment(
  job: SegmentJob,
  { campaigns, onControls, clock = systemClock }: WorkSegmentDeps,
  options: RunSegmentOptions,
  begin: BeginWork,
): Promise<SegmentRun> {
  const { owner, signal, sliceMs = 30_000, lookEveryMs: everyMs = 1_000, pageSize = 200, concurrency = 64 } = options;
  const until = clock.monotonic() + sliceMs;
  const onLook = ({ id, controls }: Campaign) => onControls?.(id, controls);
  const at = () => new Date(clock.now()).toISOString();

  const campaign = await campaigns.get(job.campaignId, { signal });
  if (!campaign) throw unknownTarget(job, "there is no such campaign");
  onLook(campaign);

  const found = await campaigns.getSegment(campaign.id, job.segment, { signal });
  const status = found && PHASE_STATUS[found.phase];
  if (campaign.status !== status) return { kind: "halted", status: campaign.status };
  const claim = await campaigns.claimSegment(campaign.id, job.segment, { owner, at: at() }, { signal });
  if (claim.kind === "done") return { kind: "done", segment: claim.segment };
  let { segment } = claim;

  const save: PageWork["save"] = (from, cursor, counts) => {
    const progress = { ...(cursor === undefined ? {} : { cursor }), counts, done: cursor === undefined, at: at() };
    return campaigns.checkpoint(from, progress, { signal });
  };
  const runPage = begin(campaign, segment, { at, save });
  await using watch = watchCampaign(campaigns, campaign, { everyMs, clock, onLook, whileStatus: status });
  const pageOptions = { ...options, pageSize, concurrency, halt: watch.halt, swapWithinMs: watch.freshForMs };
  for (;;) {
    const end = await runPage(segment, pageOptions);
    if (end.kind !== "saved") return await endOf(end, watch.campaign, campaigns, { at: at(), actor: owner, signal });
    ({ segment } = end);
    if (segment.state === "done") return { kind: "done", segment };
    if (watch.halt.aborted) return { kind: "halted", status: watch.campaign.status };
    if (clock.monotonic() >= until) return { kind: "handed-back", segment };
  }
}

export function unknownTarget(job: SegmentJob, reason: string): CampaignError {
  return new CampaignError("CAMPAIGN_TARGET_UNKNOWN", reason, { context: { ...job } });
}

/** What the end of a page means for the run, and for the campaign. */
async function endOf(
  end: Exclude<PageEnd, { readonly kind: "saved" }>,
  { id, status }: Campaign,
  campaigns: WorkSegmentDeps["campaigns"],
  { signal, ...act }: CallOptions & { readonly at: string; readonly actor: string },
): Promise<SegmentRun> {
  if (end.kind === "lost") return end;
  if (end.kind === "halted") return { kind: "halted", status };
  const { stop } = end;
  if (stop.kind === "later") return { kind: "later", stop };
  const paused = await pauseItself(campaigns, id, { ...act, reason: `${stop.code}: ${stop.message}` }, { signal });
  return { kind: "halted", status: paused?.status ?? (await campaigns.get(id, { signal }))?.status ?? status, stop };
}
