/**
 * The way of a reseal: DEKs are marked, records sealed again sweep by sweep, and
 * the DEKs retired once no record can come under them any more, and none is.
 */

import type { CallOptions } from "@dekhand/store";
import { concludeReseal } from "../reseal/conclude-reseal.ts";
import type { CountedHeads } from "../reseal/count-heads.ts";
import { markRetiring } from "../reseal/mark-retiring.ts";
import { RECORDS_STORE } from "../reseal/reseal-failures.ts";
import { readJobDeadline, readResealSelection } from "../reseal/reseal-selection.ts";
import { resealWaitMs } from "../reseal/reseal-wait.ts";
import { readSettings } from "../settings.ts";
import { type CampaignView, segmentsOf, sweepOf } from "./campaign-view.ts";
import {
  addSegments,
  anotherSweep,
  move,
  openOf,
  type Part,
  type Step,
  type StepDeps,
  type StepEnd,
  sumOf,
  wantedSweep,
} from "./step.ts";

export const resealPreflightStep: Step = async (view, deps, options) => {
  const selection = readResealSelection(view.campaign);
  const { missing, malformed, marked, already } = await markRetiring(selection, deps.reseal, options);
  const problems = [
    ...(missing.length > 0 ? [`there are no such DEKs: ${missing.slice(0, 10).join(", ")} (${missing.length})`] : []),
    ...(malformed > 0 ? [`DEKs that cannot be read, and so not be told apart: ${malformed}`] : []),
  ];
  if (problems.length > 0) return move(view, { kind: "preflight-refused" }, problems.join("; "), deps, options);
  return move(view, { kind: "preflight-passed" }, `${marked + already} DEKs are retiring`, deps, options);
};

/** Every record is its own canary: it is replaced once its new envelope has opened. */
export const resealCanaryStep: Step = (view, deps, options) => {
  const reason = "each record is replaced only once its new envelope has opened under its DEK as stored";
  return move(view, { kind: "canary-passed" }, reason, deps, options);
};

export const resealRunningStep: Step = async (view, deps, options) => {
  const sweep = wantedSweep(view.campaign);
  if (sweepOf(view) < sweep)
    return addSegments(view, await recordSegments(view, { phase: "reseal", sweep }, deps, options), deps, options);
  const open = [...openOf(segmentsOf(view, "reseal", sweep)), ...openOf(segmentsOf(view, "retry", sweep))];
  if (open.length > 0) return { kind: "work", open };

  const { open: failures } = await deps.campaigns.countFailures(view.campaign.id, options);
  if (failures > 0 && segmentsOf(view, "retry", sweep).length === 0) {
    return addSegments(view, await recordSegments(view, { phase: "retry", sweep }, deps, options), deps, options);
  }
  const resealed = sumOf(segmentsOf(view, "reseal", sweep), "resealed");
  const left = failures === 0 ? "" : `; ${failures} failures are open`;
  return move(view, { kind: "swept" }, `sweep ${sweep} has sealed ${resealed} records again${left}`, deps, options);
};

export const resealVerifyingStep: Step = async (view, deps, options) => {
  const { campaign } = view;
  const selection = readResealSelection(campaign);
  const jobDeadlineMs = readJobDeadline(campaign);
  const waitMs = resealWaitMs(selection, { profiles: deps.reseal.profiles, jobDeadlineMs });
  const concluded = await concludeReseal(selection, { regions: deps.reseal.regions, waitMs, now: deps.now }, options);
  switch (concluded.kind) {
    case "too-early":
      return { kind: "waits", what: `until ${concluded.until}: a worker may hold a job with one of the DEKs` };
    case "unmarked":
      await markRetiring(selection, deps.reseal, options);
      return { kind: "moved" };
    case "named":
      return withRecordsNamed(view, concluded.counted, deps, options);
    case "concluded": {
      const failures = await deps.campaigns.countFailures(campaign.id, options);
      const unresolvedFailures = failures.open + failures.malformed;
      if (unresolvedFailures > 0) return withRecordsLeft(view, 0, deps, options);
      const reason = `no record is under the DEKs any more; they are retired, and their wraps are kept`;
      return move(view, { kind: "verified", unresolvedFailures }, reason, deps, options);
    }
  }
};

/** How soon every Region's records are looked through again, in milliseconds. */
const scanEveryMs = 30_000;

/** What only replica Regions still have, no sweep changes: it is on its way to them. */
async function withRecordsNamed(
  view: CampaignView,
  counted: readonly CountedHeads[],
  deps: StepDeps,
  options: CallOptions,
): Promise<StepEnd> {
  const sum = (some: readonly CountedHeads[]) => some.reduce((total, { heads }) => total + heads, 0);
  const homes = await deps.homes(options);
  const atHome = sum(counted.filter(({ region }) => homes.includes(region)));
  if (atHome > 0) return withRecordsLeft(view, atHome, deps, options);
  const where = counted.filter(({ heads }) => heads > 0).map(({ region, heads }) => `${region} (${heads})`);
  const what = `until replica Regions have got what was sealed again: ${where.join(", ")}`;
  return { kind: "waits", what, afterMs: scanEveryMs };
}

async function withRecordsLeft(
  view: CampaignView,
  heads: number,
  deps: StepDeps,
  options: CallOptions,
): Promise<StepEnd> {
  const { open, malformed, skipped } = await deps.campaigns.countFailures(view.campaign.id, options);
  const unresolvedFailures = open + malformed;
  const isResumed = view.campaign.last.from === "paused";
  if (unresolvedFailures > 0 && !isResumed) {
    const reason = `failures are unresolved: ${unresolvedFailures}. Retry or skip them, then resume`;
    return move(view, { kind: "systemic-error" }, reason, deps, options);
  }
  if (unresolvedFailures === 0 && heads <= skipped) {
    const reason = `${heads} records stay under the DEKs, skipped by an operator: the DEKs stay retiring`;
    return move(view, { kind: "verified", unresolvedFailures }, reason, deps, options);
  }
  const sweep = wantedSweep(view.campaign);
  if (sweep >= deps.options.maxSweeps && !isResumed) {
    const reason = `after ${sweep} sweeps, ${heads} records are still under the DEKs`;
    return move(view, { kind: "systemic-error" }, reason, deps, options);
  }
  const reason = `${heads} records are still under the DEKs, ${unresolvedFailures} failures are open`;
  return anotherSweep(view, reason, deps, options);
}

async function recordSegments(
  { campaign }: CampaignView,
  { phase, sweep }: Pick<Part, "phase" | "sweep">,
  deps: StepDeps,
  options: CallOptions,
): Promise<readonly Part[]> {
  const { segments: wanted } = readSettings(campaign);
  const of = phase === "retry" ? 1 : wanted;
  return (await deps.homes(options)).flatMap((region) =>
    Array.from({ length: of }, (_, index) => ({ phase, sweep, store: RECORDS_STORE, region, index, of })),
  );
}
