/**
 * A campaign beside production, on one account's quota: Dekhand's workers, and the scripts that people write today.
 *
 * The foreground tenant calls all the time, also between the runs: what it feels
 * beside a contestant and what it feels alone come from the same minutes.
 */

import { setTimeout as delay } from "node:timers/promises";
import type { Benchmark } from "../benchmark.ts";
import type { ForegroundFigures } from "./figures.ts";
import { type Foreground, startForeground } from "./foreground.ts";
import { nowMs } from "./now-ms.ts";
import { columns, methodOf, type Outcome, rowsOf, targetsOf } from "./report.ts";
import { type Run, type RunOptions, runContestant } from "./run-contestant.ts";
import { accountQuota, contestants, contestantTitles, latencyMs } from "./settings.ts";
import { fullSizes, quickSizes, type Sizes } from "./sizes.ts";
import { measureCapacity, type Stage, setStage } from "./stage.ts";

export const quotaBenchmark: Benchmark = {
  name: "quota",
  summary: "20,000 ReEncrypts beside production on one quota, with and without a cut of it",
  async run({ quick }) {
    const outcome = await measure(quick ? quickSizes : fullSizes);
    return {
      method: methodOf(outcome),
      table: { columns, rows: rowsOf(outcome) },
      targets: targetsOf(outcome),
    };
  },
};

async function measure(sizes: Sizes): Promise<Outcome> {
  await using stack = new AsyncDisposableStack();
  const stage = await setStage(stack);
  say("what the embedded KMS can serve");
  const capacity = await measureCapacity(stage, sizes.saturationMs);
  await stage.kms.setLatency(latencyMs);
  await stage.kms.setQuota(accountQuota);

  const foreground = await startForeground(stack, { endpoint: stage.kms.endpoint, ...stage.foreground });
  // Its first calls connect and compile.
  await delay(warmUpMs);
  const alone: ForegroundFigures[] = [];
  const runs: Run[] = [];
  for (const options of runsOf(sizes)) {
    alone.push(await leaveAlone(foreground, sizes));
    runs.push(await runAndSay(stage, foreground, options));
  }
  alone.push(await leaveAlone(foreground, sizes));
  return { sizes, prioritised: stage.kms.prioritised, capacity, alone, runs };
}

const warmUpMs = 2_000;

function runsOf({ items, warmUpItems, boundMs, cutMs }: Sizes): readonly RunOptions[] {
  const steady = contestants.map((contestant) => ({ contestant, items, warmUpItems, boundMs }));
  return [...steady, ...steady.map((options) => ({ ...options, cutMs }))];
}

/** What was due before has been answered by now: `figures` waited for it. */
async function leaveAlone(foreground: Foreground, { aloneMs }: Sizes): Promise<ForegroundFigures> {
  const from = nowMs();
  await delay(aloneMs);
  const figures = await foreground.figures([from, nowMs()]);
  say(`foreground alone: p99 ${figures.p99Ms.toFixed(1)} ms`);
  return figures;
}

async function runAndSay(stage: Stage, foreground: Foreground, options: RunOptions): Promise<Run> {
  const run = await runContestant(stage, foreground, options);
  const { team, foreground: beside } = run;
  const name = `${contestantTitles[options.contestant]}${options.cutMs === undefined ? "" : ", quota cut"}`;
  say(
    `${name}: ${team.done} in ${team.seconds.toFixed(1)} s, ${team.throttled} throttled, foreground p99 ${beside.p99Ms.toFixed(1)} ms`,
  );
  return run;
}

/** To standard error, so that standard output is the report and nothing else. */
function say(what: string): void {
  process.stderr.write(`quota: ${what}\n`);
}
