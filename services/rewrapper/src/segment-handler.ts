/**
 * Works at segments of campaigns, a slice of time each.
 *
 * What stands in the campaigns table decides: a job is a wake-up, and one that is
 * lost is added again by control. So every end of a run but one that has to wait
 * takes the job off the queue.
 */

import { randomUUID } from "node:crypto";
import {
  CampaignError,
  pauseItself,
  RECORDS_STORE,
  type RunResealSegmentDeps,
  type RunSegmentDeps,
  type RunSegmentOptions,
  runResealSegment,
  runSegment,
  type SegmentRun,
} from "@dekhand/campaign";
import { DekhandError } from "@dekhand/errors";
import type { Outcome } from "@dekhand/jobs";
import type { KmsQuota } from "@dekhand/kms";
import { type Clock, type Logger, rateLimited, systemClock } from "@dekhand/runtime";
import type { CampaignControls } from "@dekhand/store";
import type { SegmentHandler } from "./rewrap-job.ts";

export interface SegmentHandlerDeps extends Omit<RunSegmentDeps, "onControls" | "clock"> {
  /** Where records are sealed again, with DEKs to open and to seal. */
  readonly reseal: RunResealSegmentDeps["access"];
  readonly workerId: string;
  readonly quota: Pick<KmsQuota, "setCampaignShare">;
  readonly logger: Logger;
  readonly options?: Partial<SegmentHandlerOptions>;
}

export interface SegmentHandlerOptions {
  /** After which a segment is handed back, in milliseconds. */
  readonly sliceMs: number;
  /** KMS calls at once, of one segment. */
  readonly concurrency: number;
  readonly pageSize: number;
}

const defaults: SegmentHandlerOptions = { sliceMs: 30_000, concurrency: 16, pageSize: 200 };

/** How long a segment rests after trouble that passes by itself, in milliseconds. */
const laterMs = 2_000;

export function createSegmentHandler(deps: SegmentHandlerDeps): SegmentHandler {
  const { campaigns, workerId, quota, logger } = deps;
  const options = { ...defaults, ...deps.options };
  const warnings = rateLimited(logger, { everyMs: 10_000 });
  const onControls = shareKeeper(quota);

  const work = async (job: { readonly campaignId: string; readonly segment: number }, run: RunSegmentOptions) => {
    const found = await campaigns.getSegment(job.campaignId, job.segment, { signal: run.signal });
    if (found?.store !== RECORDS_STORE) return runSegment(job, { ...deps, onControls }, run);
    return runResealSegment(job, { campaigns, access: deps.reseal, onControls }, run);
  };

  return async ({ campaignId, segment }, { signal }) => {
    const fields = { campaignId, segment };
    try {
      // A name for this very run: two runs of one worker must not be taken for each other.
      const owner = `${workerId}/${randomUUID()}`;
      const run = await work({ campaignId, segment }, { ...options, owner, signal });
      if (run.kind === "done") logger.debug({ ...fields, ...run.segment.counts }, "a segment is done");
      if ("stop" in run)
        warnings.log("warn", `${campaignId} ${run.stop?.code}`, { ...fields, ...run.stop }, stopText(run));
      return outcomeOf(run);
    } catch (error) {
      if (signal.aborted || !(error instanceof DekhandError)) throw error;
      const code = error.code;
      if (error.retryable) {
        warnings.log("warn", `${campaignId} ${code}`, { err: error, ...fields }, "a segment waits for this to pass");
        return { kind: "retry", afterMs: laterMs, reason: code };
      }
      warnings.log("error", `${campaignId} ${code}`, { err: error, ...fields }, "a segment cannot be worked at here");
      // Another worker's configuration may have the store: control adds the job again.
      if (error instanceof CampaignError && code === "CAMPAIGN_TARGET_UNKNOWN")
        return { kind: "done", note: "unknown" };
      const act = { at: new Date().toISOString(), actor: workerId, reason: `${code}: ${error.message}` };
      await pauseItself(campaigns, campaignId, act, { signal });
      return { kind: "done", note: "paused" };
    }
  };
}

function outcomeOf(run: SegmentRun): Outcome {
  switch (run.kind) {
    case "handed-back":
      return { kind: "retry", afterMs: 0, reason: "slice" };
    case "later":
      return { kind: "retry", afterMs: laterMs, reason: run.stop.code };
    default:
      return { kind: "done", note: run.kind };
  }
}

function stopText({ kind }: SegmentRun): string {
  return kind === "halted" ? "a campaign has paused itself" : "a segment waits for this to pass";
}

/** How long a campaign's share counts that nothing was heard of since, in milliseconds: a look is every second. */
const freshMs = 10_000;

/** Several campaigns at once share one lane: it is as wide as the widest of them wants it. */
function shareKeeper(quota: Pick<KmsQuota, "setCampaignShare">, clock: Pick<Clock, "monotonic"> = systemClock) {
  const heard = new Map<string, { readonly share: number | undefined; readonly at: number }>();
  return (campaignId: string, { share }: CampaignControls): void => {
    const now = clock.monotonic();
    heard.set(campaignId, { share, at: now });
    for (const [id, { at }] of heard) if (now - at > freshMs) heard.delete(id);
    const shares = [...heard.values()].map((one) => one.share);
    const isAnyUnset = shares.includes(undefined);
    quota.setCampaignShare(isAnyUnset ? undefined : Math.max(...shares.filter((one) => one !== undefined)));
  };
}
