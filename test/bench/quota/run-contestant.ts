/** One run of one contestant: four workers, all items, with or without a cut of the quota in the middle. */

import { setTimeout as delay } from "node:timers/promises";
import { type Child, startChild } from "./child-process.ts";
import type { CallCount, EmbeddedKms } from "./embedded-kms.ts";
import { type ForegroundFigures, type TeamFigures, teamFigures } from "./figures.ts";
import type { Foreground } from "./foreground.ts";
import {
  accountQuota,
  type Contestant,
  cutQuota,
  type WorkerResult,
  type WorkerSettings,
  workers,
} from "./settings.ts";
import type { Stage } from "./stage.ts";

export interface RunOptions {
  readonly contestant: Contestant;
  /** Of all workers together. */
  readonly items: number;
  readonly warmUpItems: number;
  /** When the workers give up. */
  readonly boundMs: number;
  /** How long the quota is cut to a fifth, in the middle of the run; absent: not at all. */
  readonly cutMs?: number;
}

export interface Run extends RunOptions {
  readonly team: TeamFigures;
  /** While the contestant worked. */
  readonly foreground: ForegroundFigures;
  readonly foregroundThrottled: number;
}

export async function runContestant(stage: Stage, foreground: Foreground, options: RunOptions): Promise<Run> {
  const { kms } = stage;
  const { boundMs, cutMs } = options;
  await using stack = new AsyncDisposableStack();
  // Nobody is throttled while warming up, so that nobody starts with a history.
  await kms.setQuota(null);
  const team = await startTeam(stack, stage, options);
  await delay(quietMs);
  await kms.setQuota(accountQuota);
  await kms.resetCalls();

  const ended = new AbortController();
  const work = Promise.all(
    team.map((worker) => worker.ask<WorkerResult>("go", { timeoutMs: boundMs + closingMs })),
  ).finally(() => ended.abort());
  const cut = cutMs === undefined ? undefined : cutInTheMiddle(kms, { ...options, cutMs, signal: ended.signal });
  const [results] = await Promise.all([work, cut]);
  const calls = await kms.calls("ReEncrypt");
  const { throttled: foregroundThrottled } = await kms.calls("Decrypt");
  const figures = teamFigures(results, calls);
  return { ...options, team: figures, foreground: await foreground.figures(figures.window), foregroundThrottled };
}

/** Between warming up and the start. */
const quietMs = 500;
/** How long a worker may take to close after its last item. */
const closingMs = 20_000;

/** Workers that are warm and wait for their start: what a process costs to start is not measured. */
async function startTeam(
  stack: AsyncDisposableStack,
  { kms, redisUrl, sourceKeyArn, targetKeyArn, blobs }: Stage,
  { contestant, items, warmUpItems, boundMs, cutMs }: RunOptions,
): Promise<readonly Child[]> {
  const settings: WorkerSettings = {
    contestant,
    endpoint: kms.endpoint,
    redisUrl,
    prefix: cutMs === undefined ? "bench-steady" : "bench-cut",
    sourceKeyArn,
    targetKeyArn,
    blobs,
    warmUpItems: warmUpItems / workers,
    items: items / workers,
    boundMs,
  };
  const team: Child[] = [];
  while (team.length < workers) team.push(stack.use(await startChild("./worker-process.ts")));
  await Promise.all(team.map((worker) => worker.ask(settings)));
  return team;
}

/**
 * Starts at a fixed share of the progress, so that it meets a fast contestant as far on as a slow one. With each change
 * the embedded KMS grants one second's burst anew.
 */
async function cutInTheMiddle(
  kms: EmbeddedKms,
  { items, cutMs, signal }: RunOptions & { readonly cutMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const begin = items * cutAtProgress;
  while (succeeded(await kms.calls("ReEncrypt")) < begin && !signal.aborted) await waitUnlessEnded(pollMs, signal);
  if (signal.aborted) return;
  await kms.setQuota(cutQuota);
  await waitUnlessEnded(cutMs, signal);
  await kms.setQuota(accountQuota);
}

export const cutAtProgress = 0.4;
const pollMs = 50;

function succeeded({ onTheWire, throttled }: CallCount): number {
  return onTheWire - throttled;
}

function waitUnlessEnded(ms: number, signal: AbortSignal): Promise<void> {
  return delay(ms, undefined, { signal }).catch(() => {});
}
