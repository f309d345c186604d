/**
 * Works at one segment of a campaign, whatever its phase is: a page and its
 * checkpoint, the next page and so on, for a slice of time.
 *
 * Any number of these may run for one segment, and any of them may die anywhere:
 * a swap is conditional on the blob that was read, a checkpoint on who has the
 * segment. Whoever lost it stops. Memory holds one page.
 *
 * Errors of the campaigns table are thrown: without it there is nothing to go by,
 * and the job is tried again. Leaves to others: queues, the share of the quota
 * (`onControls` tells it), and what follows when all segments are done.
 */

import type { CallOptions, Campaign, CampaignStatus, CampaignTarget, Segment } from "@dekhand/store";
import type { PageStop } from "./page-stop.ts";
import type { PageWork } from "./phases/phase.ts";
import { runPageOf } from "./phases/run-page-of.ts";
import { readSettings } from "./settings.ts";
import { type SegmentJob, unknownTarget, type WorkSegmentDeps, workSegment } from "./work-segment.ts";
import type { WrapAccess } from "./wrap-access.ts";

export interface RunSegmentDeps extends Omit<WorkSegmentDeps, "campaigns"> {
  readonly campaigns: WorkSegmentDeps["campaigns"] & PageWork["campaigns"];
  /** Undefined where the worker's configuration has no such store in that Region. */
  readonly access: (store: string, region: string) => WrapAccess | undefined;
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
  /** Reads every wrap that was acknowledged before. Default: as the phase and the sweep need it. */
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
export function runSegment(job: SegmentJob, deps: RunSegmentDeps, options: RunSegmentOptions): Promise<SegmentRun> {
  return workSegment(job, deps, options, (campaign, segment, { at, save }) => {
    const { access, target } = reach(campaign, segment, deps);
    const runPage = runPageOf(segment.phase);
    const work: PageWork = {
      ...access,
      campaigns: deps.campaigns,
      campaign,
      order: { campaignId: campaign.id, target },
      settings: readSettings(campaign),
      at,
      save,
    };
    return (page, pageOptions) => runPage(page, work, pageOptions);
  });
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
