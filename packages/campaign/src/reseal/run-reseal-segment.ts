/**
 * Works at one segment of a reseal: scan a page of heads, seal again what is under
 * a selected DEK, checkpoint, and so on, for a slice of time.
 *
 * As with wraps, any number of these may run for one segment and die anywhere: a
 * record is replaced on the condition of the seal id that was read, so a newer
 * revision always wins, and what is done twice is done once.
 */

import type { CampaignStore } from "@dekhand/store";
import type { RunSegmentOptions, SegmentRun } from "../run-segment.ts";
import { type SegmentJob, unknownTarget, type WorkSegmentDeps, workSegment } from "../work-segment.ts";
import { createJudgeDek } from "./judge-dek.ts";
import type { ResealAccess } from "./reseal-access.ts";
import { RECORDS_STORE } from "./reseal-failures.ts";
import { resealPhase, retryResealPhase } from "./reseal-phases.ts";
import { readResealSelection } from "./reseal-selection.ts";

export interface RunResealSegmentDeps extends Omit<WorkSegmentDeps, "campaigns"> {
  readonly campaigns: WorkSegmentDeps["campaigns"] &
    Pick<CampaignStore, "recordFailures" | "listFailures" | "resolveFailure">;
  /** Undefined where the worker's configuration does not have that Region. */
  readonly access: (region: string) => ResealAccess | undefined;
}

export interface RunResealSegmentOptions extends RunSegmentOptions {
  /** Envelopes in memory at once, in bytes. Default 64 MiB. */
  readonly roomBytes?: number;
}

/**
 * Throws the signal's reason as soon as that aborts, StoreErrors of the campaigns table, CAMPAIGN_TARGET_UNKNOWN where there
 * is no such campaign or the segment is none of records in a Region that the configuration has, and
 * CAMPAIGN_SETTING_INVALID where the campaign does not say which DEKs.
 */
export function runResealSegment(
  job: SegmentJob,
  deps: RunResealSegmentDeps,
  options: RunResealSegmentOptions,
): Promise<SegmentRun> {
  const { campaigns } = deps;
  const { roomBytes, concurrency = 16 } = options;
  return workSegment(job, deps, { ...options, concurrency }, (campaign, { store, region, phase }, { at, save }) => {
    if (store !== RECORDS_STORE) throw unknownTarget(job, "the segment is not one of records");
    const access = deps.access(region);
    if (!access) throw unknownTarget(job, "the configuration does not have the segment's Region");
    const judge = createJudgeDek(readResealSelection(campaign), access.deks);
    const runPage = pages[phase === "retry" ? "retry" : "reseal"];
    const work = { campaigns, access, judge, at, save };
    const room = roomBytes === undefined ? {} : { roomBytes };
    return (segment, page) => runPage(segment, work, { ...page, ...room });
  });
}

const pages = { reseal: resealPhase, retry: retryResealPhase } as const;
