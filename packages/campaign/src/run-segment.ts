/**
 * Works at one segment of a campaign: scan a page, rewrap it, swap, checkpoint,
 * and so on, for a slice of time.
 *
 * Any number of these may run for one segment, and any of them may die anywhere:
 * a swap is conditional on the blob that was read, a checkpoint on who has the
 * segment. Whoever lost it stops. Memory holds one page.
 *
 * Errors of the campaigns table are thrown: without it there is nothing to go by,
 * and the job is tried again. Leaves to others: queues, the share of the quota
 * (`onControls` tells it), and what follows when all segments are done.
 */

import { type Clock, systemClock } from "@dekhand/runtime";
import type {
  CallOptions,
  Campaign,
  CampaignControls,
  CampaignStatus,
  CampaignStore,
  CampaignTarget,
  Segment,
} from "@dekhand/store";
import { pauseItself } from "./apply-trigger.ts";
import { CampaignError } from "./errors.ts";
import type { PageStop } from "./page-stop.ts";
import { type PageEnd, runPage } from "./run-page.ts";
import { watchCampaign } from "./watch-campaign.ts";
import type { WrapAccess } from "./wrap-access.ts";

export interface RunSegmentDeps {
  readonly campaigns: Pick<CampaignStore, "get" | "transition" | "claimSegment" | "checkpoint" | "recordFailures">;
  /** Undefined where the worker's configuration has no such store in that Region. */
  readonly access: (store: string, region: string) => WrapAccess | undefined;
  /** Hears of the campaign's controls at the start and at every look. */
  readonly onControls?: (campaignId: string, controls: CampaignControls) => void;
  readonly clock?: Clock;
}

export interface RunSegmentOptions extends CallOptions {
  /** Names this very run; no other may ever use it. */
  readonly owner: string;
  /** After which the segment is handed back, at the end of a page, in milliseconds. Default 30,000. */
  readonly sliceMs?: number;
  /** Wraps a page. Default 200. */
  readonly pageSize?: number;
  /** KMS calls at once. Default 64. */
  readonly concurrency?: number;
  /** Between two looks at the campaign, in milliseconds. Default 1,000. */
  readonly lookEveryMs?: number;
  /** Reads every wrap that was acknowledged before. For the last sweep. Default false. */
  readonly consistent?: boolean;
}

/**
 * - `done`: nothing is left to do in the segment.
 * - `handed-back`: the slice of time is over; somebody goes on from the checkpoint.
 * - `later`: as `handed-back`, but for trouble that passes by itself; worth a wait.
 * - `halted`: the campaign does not run (any more). With `stop`, it was paused for that error, by this run or another one.
 * - `lost`: another run has the segment.
 */
export type SegmentRun =
  | { readonly kind: "done" | "handed-back"; readonly segment: Segment }
  | { readonly kind: "later"; readonly stop: PageStop }
  | { readonly kind: "halted"; readonly status: CampaignStatus; readonly stop?: PageStop }
  | { readonly kind: "lost" };

/**
 * Throws the signal's reason as soon as that aborts, StoreErrors of the campaigns table, and CAMPAIGN_TARGET_UNKNOWN where
 * there is no such campaign, or where it or the configuration does not have the segment's store and Region.
 */
export async function runSegment(
  job: { readonly campaignId: string; readonly segment: number },
  deps: RunSegmentDeps,
  options: RunSegmentOptions,
): Promise<SegmentRun> {
  const { campaigns, clock = systemClock, onControls } = deps;
  const { owner, signal, sliceMs = 30_000, lookEveryMs: everyMs = 1_000 } = options;
  const until = clock.monotonic() + sliceMs;
  const onLook = ({ id, controls }: Campaign) => onControls?.(id, controls);
  const at = () => new Date(clock.now()).toISOString();

  const campaign = await campaigns.get(job.campaignId, { signal });
  if (!campaign) throw unknownTarget(job, "there is no such campaign");
  onLook(campaign);
  if (campaign.status !== "running") return { kind: "halted", status: campaign.status };

  const claim = await campaigns.claimSegment(campaign.id, job.segment, { owner, at: at() }, { signal });
  if (claim.kind === "done") return { kind: "done", segment: claim.segment };
  let { segment } = claim;
  const { access, target } = reach(campaign, segment, deps);

  await using watch = watchCampaign(campaigns, campaign, { everyMs, onLook });
  const page = { ...access, order: { campaignId: campaign.id, target }, campaigns, at };
  for (;;) {
    const end = await runPage(segment, page, { ...options, halt: watch.halt });
    if (end.kind !== "saved") return await endOf(end, watch.campaign, deps, { at: at(), actor: owner, signal });
    ({ segment } = end);
    if (segment.state === "done") return { kind: "done", segment };
    if (watch.halt.aborted) return { kind: "halted", status: watch.campaign.status };
    if (clock.monotonic() >= until) return { kind: "handed-back", segment };
  }
}

/** What the end of a page means for the run, and for the campaign. */
async function endOf(
  end: Exclude<PageEnd, { readonly kind: "saved" }>,
  { id, status }: Campaign,
  { campaigns }: RunSegmentDeps,
  { signal, ...act }: CallOptions & { readonly at: string; readonly actor: string },
): Promise<SegmentRun> {
  if (end.kind === "lost") return end;
  if (end.kind === "halted") return { kind: "halted", status };
  const { stop } = end;
  if (stop.kind === "later") return { kind: "later", stop };
  const paused = await pauseItself(campaigns, id, { ...act, reason: `${stop.code}: ${stop.message}` }, { signal });
  return { kind: "halted", status: paused?.status ?? (await campaigns.get(id, { signal }))?.status ?? status, stop };
}

/** The segment's store as this worker reaches it, and what the campaign wants there. */
function reach(
  campaign: Campaign,
  segment: Segment,
  deps: RunSegmentDeps,
): { access: WrapAccess; target: CampaignTarget } {
  const { store, region } = segment;
  const target = campaign.targets.find((one) => one.store === store && one.region === region);
  const access = deps.access(store, region);
  if (target && access) return { access, target };
  const job = { campaignId: campaign.id, segment: segment.number };
  throw unknownTarget(
    job,
    `${target ? "the configuration" : "the campaign"} does not have the segment's store and Region`,
  );
}

function unknownTarget(job: { readonly campaignId: string; readonly segment: number }, reason: string): CampaignError {
  return new CampaignError("CAMPAIGN_TARGET_UNKNOWN", reason, { context: { ...job } });
}
