/** Campaigns from their start to their end, worked at by processes that are killed all the time. */

import { eventually, seededRandom } from "@dekhand/testing";
import { Redis } from "ioredis";
import { expect } from "vitest";
import { runCommand } from "../stack/run-command.ts";
import type { Stack } from "../stack/start-stack.ts";
import { startCrew } from "./crew.ts";
import { type ChaosReport, raiseChaos } from "./raise-chaos.ts";
import type { Incident } from "./schedule.ts";
import { warmStart } from "./warm-start.ts";
import { watchWork } from "./watch-work.ts";

export interface ChaosRun {
  /** Campaigns by id, each with its options of `campaign start`. */
  readonly campaigns: Readonly<Record<string, readonly string[]>>;
  /** Their wraps, all in all. */
  readonly wraps: number;
  readonly seed: number;
  readonly schedule?: readonly Incident[];
  /** Default 0.015. */
  readonly workBetweenKills?: number;
  readonly configFile: string;
  /** What the configuration names of the environment. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Something else that is done meanwhile. */
  readonly beside?: (over: AbortSignal) => Promise<void>;
}

const crewSize = 3;

/** Ends when all campaigns are complete by themselves; fails where one needs an operator, or a process ends by itself. */
export async function runInChaos(stack: Stack, run: ChaosRun): Promise<ChaosReport> {
  const { campaigns, wraps, seed, schedule = [], workBetweenKills = 0.015, configFile, secrets = {} } = run;
  const env = {
    ...secrets,
    ...(await warmStart((warm) => stack.spawnRewrapper({ ...warm, ...secrets, DEKHAND_CONFIG: configFile }))),
    DEKHAND_CONFIG: configFile,
    // What a killed worker held comes back soon.
    DEKHAND_LEASE_SECONDS: "2",
    // Segments at once: so that a kill meets some of a campaign, and not all of it.
    DEKHAND_CONCURRENCY: "6",
  };
  await using redis = openRedis(stack.embedded.redisUrl);
  await using rewrappers = startCrew("rewrapper", crewSize, (DEKHAND_WORKER_ID) =>
    stack.spawnRewrapper({ ...env, DEKHAND_WORKER_ID }),
  );
  await using control = startCrew("control", 1, () => stack.spawnControl({ DEKHAND_CONFIG: configFile }));
  await eventually(() => rewrappers.up().length === crewSize && control.up().length === 1, { timeoutMs: 120_000 });

  stack.aws.control.resetCounts();
  for (const [id, options] of Object.entries(campaigns)) {
    const command = ["campaign", "start", ...options, "--id", id, "--yes", "--no-plan"];
    const started = await runCommand(["--config", configFile, ...command], { env: { ...stack.env, ...secrets } });
    expect(started).toMatchObject({ exitCode: 0 });
  }
  const ids = Object.keys(campaigns);
  await using work = watchWork(stack.stores.campaigns, ids);
  const random = seededRandom(seed);
  const deps = { stack, redis: redis.client, rewrappers, control, work, random, wraps, workBetweenKills };
  const [report] = await Promise.all([raiseChaos(schedule, deps), run.beside?.(work.over)]);

  for (const id of ids) {
    const history = await stack.stores.campaigns.history(id);
    const told = history.map(({ to, reason }) => `${to}: ${reason}`).join("\n");
    expect(history.at(-1)?.to, told).toBe("complete");
    expect(history.map(({ to }) => to)).not.toContain("paused");
  }
  expect([...rewrappers.crashes, ...control.crashes]).toEqual([]);
  return report;
}

function openRedis(url: string) {
  const client = new Redis(url);
  return { client, [Symbol.asyncDispose]: async () => void (await client.quit()) };
}
