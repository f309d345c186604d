/**
 * Moves campaigns through their states, and sees to it that their open segments
 * are on the queue.
 *
 * It keeps nothing that matters: what it does follows from the campaigns table,
 * every change is conditional on what was read, and segments are added to the
 * queue again and again, where equal jobs collapse. So any number of drivers may
 * run, each may die anywhere, and a Redis that was lost is filled anew.
 */

import type { JobProducer, RewrapJobInput } from "@dekhand/jobs";
import { type Clock, type Logger, type Metrics, rateLimited, type Service, sleep, systemClock } from "@dekhand/runtime";
import { type Campaign, isEnded, type Segment, StoreError } from "@dekhand/store";
import { pauseItself } from "../apply-trigger.ts";
import { CampaignError } from "../errors.ts";
import { viewCampaign } from "./campaign-view.ts";
import { canaryStep } from "./canary-step.ts";
import { preflightStep } from "./preflight-step.ts";
import { resealCanaryStep, resealPreflightStep, resealRunningStep, resealVerifyingStep } from "./reseal-steps.ts";
import { returnMarks } from "./return-marks.ts";
import { runningStep } from "./running-step.ts";
import { DRIVER, type Step, type StepDeps, type StepEnd, type StepOptions } from "./step.ts";
import { verifyingStep } from "./verifying-step.ts";

export interface CampaignDriverDeps extends Omit<StepDeps, "now" | "options"> {
  readonly producer: JobProducer<RewrapJobInput>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock?: Clock;
  readonly options?: Partial<CampaignDriverOptions>;
}

export interface CampaignDriverOptions extends StepOptions {
  /** Between two looks at all campaigns, in milliseconds. Default 1,000. */
  readonly everyMs: number;
  /** After which open segments are added to the queue again, in milliseconds. Default 5,000. */
  readonly requeueMs: number;
}

const defaults: CampaignDriverOptions = {
  everyMs: 1_000,
  requeueMs: 5_000,
  checkPatienceMs: 300_000,
  writerPatienceMs: 180_000,
  maxSweeps: 20,
};

/** What a driver remembers of a campaign: only of use to save work, and to wait on its own clock. */
interface Memory {
  /** When this process first saw the campaign past its preflight, on the monotonic clock. */
  leftSince?: number;
  queued?: { readonly segments: string; readonly at: number };
  saidWaits?: string;
}

/** Changes that follow from each other are made at once, so many at most. */
const maxMoves = 8;

export function createCampaignDriver(deps: CampaignDriverDeps): Service {
  const { campaigns, logger, clock = systemClock } = deps;
  const options = { ...defaults, ...deps.options };
  const stopped = new AbortController();
  const { signal } = stopped;
  const memories = new Map<string, Memory>();
  const warnings = rateLimited(logger, { everyMs: 10_000 });
  const active = deps.metrics.gauge("campaigns_active", "Campaigns that have not ended, by status", ["status"]);
  const stepDeps: StepDeps = { ...deps, options, now: () => new Date(clock.now()) };
  const driving = new Map<string, Promise<void>>();
  let looking: Promise<void> = Promise.resolve();

  const memoryOf = (id: string): Memory => {
    const memory = memories.get(id) ?? {};
    memories.set(id, memory);
    return memory;
  };

  const stepOf = ({ id, kind, status }: Campaign): Step | undefined => {
    const memory = memoryOf(id);
    if (["canary", "running", "paused", "verifying"].includes(status)) memory.leftSince ??= clock.monotonic();
    const isReseal = kind === "reseal";
    switch (status) {
      case "preflight":
        return isReseal ? resealPreflightStep : preflightStep;
      case "canary":
        return isReseal ? resealCanaryStep : canaryStep;
      case "running":
        return isReseal ? resealRunningStep : runningStep;
      case "verifying":
        if (isReseal) return resealVerifyingStep;
        return verifyingStep({ knownForMs: clock.monotonic() - (memory.leftSince ?? clock.monotonic()) });
      default:
        return undefined;
    }
  };

  const driveOnce = async (id: string): Promise<StepEnd | undefined> => {
    const view = await viewCampaign(campaigns, id, { signal });
    try {
      return await (view && stepOf(view.campaign)?.(view, stepDeps, { signal }));
    } catch (error) {
      // What the campaign itself was created with, no later look mends.
      if (!(error instanceof CampaignError && error.code === "CAMPAIGN_SETTING_INVALID")) throw error;
      const act = { at: stepDeps.now().toISOString(), actor: DRIVER, reason: `${error.code}: ${error.message}` };
      await pauseItself(campaigns, id, act, { signal });
      return undefined;
    }
  };

  const drive = async (id: string): Promise<void> => {
    for (let moves = 0; moves < maxMoves; moves += 1) {
      const end = await driveOnce(id);
      if (end?.kind === "work") await queue(id, end.open);
      if (end?.kind === "waits") say(id, end.what);
      if (end?.kind !== "moved") return;
    }
  };

  const say = (campaignId: string, what: string) => {
    const memory = memoryOf(campaignId);
    if (memory.saidWaits !== what) logger.info({ campaignId }, `the campaign waits ${what}`);
    memory.saidWaits = what;
  };

  const queue = async (campaignId: string, open: readonly Segment[]) => {
    const memory = memoryOf(campaignId);
    const segments = `${open[0]?.phase} ${open[0]?.sweep}`;
    const { queued } = memory;
    if (queued?.segments === segments && clock.monotonic() - queued.at < options.requeueMs) return;
    memory.queued = { segments, at: clock.monotonic() };
    const jobs = open.map(({ number }) => ({ campaignId, segment: number }));
    const results = await deps.producer.submit(jobs, { signal });
    const failure = results.find((result) => !result.ok);
    if (failure?.ok === false) {
      const fields = { err: failure.error, campaignId };
      warnings.log("warn", failure.error.code, fields, "segments are not on the queue; they are added again later");
    }
  };

  const look = async () => {
    const living = await livingCampaigns(deps, signal);
    active.reset();
    for (const { status } of living) active.inc({ status });
    for (const id of memories.keys()) if (!living.some((one) => one.id === id)) memories.delete(id);
    await returnMarks(deps, { signal });
    for (const { id } of living) begin(id);
  };

  /** A step of one campaign may take long, as the last scan of a reseal does: no other waits for it. */
  const begin = (id: string) => {
    if (driving.has(id)) return;
    const ended = drive(id)
      .catch((error: unknown) => failed(error, id))
      .finally(() => driving.delete(id));
    driving.set(id, ended);
  };

  /** Somebody else has changed it: what follows is decided anew at the next look. */
  const failed = (error: unknown, campaignId?: string) => {
    if (signal.aborted || (error instanceof StoreError && error.code === "STORE_CAMPAIGN_CHANGED")) return;
    const key = campaignId ?? "all";
    warnings.log("warn", key, { err: error, campaignId }, "a campaign could not be moved on; trying again");
  };

  const keepLooking = async () => {
    while (!signal.aborted) {
      await look().catch((error: unknown) => failed(error));
      await sleep(options.everyMs, { signal }).catch(() => undefined);
    }
  };

  return {
    async start() {
      looking = keepLooking();
    },
    async drain() {
      stopped.abort();
      await looking;
      await Promise.all(driving.values());
      await deps.producer.close();
    },
  };
}

async function livingCampaigns(
  { campaigns }: Pick<StepDeps, "campaigns">,
  signal: AbortSignal,
): Promise<readonly Campaign[]> {
  const living: Campaign[] = [];
  let cursor: string | undefined;
  do {
    const page = await campaigns.list({ cursor, signal });
    living.push(...page.entries.filter(({ status }) => !isEnded(status)));
    ({ cursor } = page);
  } while (cursor !== undefined);
  return living;
}
