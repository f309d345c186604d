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
  /** When it first saw it as it is at present, on that clock. */
  seen?: { readonly version: number; readonly at: number };
  queued?: { readonly segments: string; readonly at: number };
  saidWaits?: string;
  /** On the monotonic clock. */
  lookAgainAt?: number;
}

/** What is logged where something fails. */
interface Failing {
  readonly fields: Readonly<Record<string, string>>;
  readonly message: string;
}

const stuck = "a campaign could not be moved on; trying again";

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

  const stepOf = ({ id, kind, status, version }: Campaign): Step | undefined => {
    const memory = memoryOf(id);
    if (memory.seen?.version !== version) memory.seen = { version, at: clock.monotonic() };
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
        return verifyingStep({
          left: { knownForMs: clock.monotonic() - (memory.leftSince ?? clock.monotonic()) },
          swept: { knownForMs: clock.monotonic() - memory.seen.at },
        });
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
      if (end?.kind === "waits") {
        say(id, end.what);
        memoryOf(id).lookAgainAt = clock.monotonic() + (end.afterMs ?? 0);
      }
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
    for (const region of deps.regions) {
      const fields = { region };
      const message = "marks of keys that were left cannot be looked at; trying again";
      begin(`marks ${region}`, () => returnMarks(region, deps, { signal }), { fields, message });
    }
    for (const { id } of living) begin(id, () => drive(id), { fields: { campaignId: id }, message: stuck });
  };

  /**
   * A step of one campaign may take long, as the last scan of a reseal does, and a Region may not answer: nothing else waits
   * for it.
   */
  const begin = (key: string, run: () => Promise<void>, what: Failing) => {
    if (driving.has(key)) return;
    const ended = run()
      .catch((error: unknown) => failed(error, what))
      .finally(() => driving.delete(key));
    driving.set(key, ended);
  };

  /** Somebody else has changed it: what follows is decided anew at the next look. */
  const failed = (error: unknown, { fields, message }: Failing) => {
    if (signal.aborted || (error instanceof StoreError && error.code === "STORE_CAMPAIGN_CHANGED")) return;
    warnings.log("warn", JSON.stringify(fields), { err: error, ...fields }, message);
  };

  const keepLooking = async () => {
    while (!signal.aborted) {
      await look().catch((error: unknown) => failed(error, { fields: {}, message: stuck }));
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
