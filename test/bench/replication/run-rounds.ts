/**
 * All that is timed, in rounds: in each, every contestant takes a turn at as many records, in an order that changes from
 * round to round. What was copied is looked for afterwards; anything that is missing ends the benchmark.
 */

import { REPLICA_STRATEGIES, type ReplicaStrategy } from "@dekhand/runtime";
import { type Child, startChild } from "../quota/child-process.ts";
import { type Deployment, openDeployment } from "./deployment.ts";
import type { Place } from "./place.ts";
import { type Contestant, copies, type Intake, intakes, type Round } from "./rounds.ts";
import { home, regionOf, type Script, type ScriptTurn, slowMs, type TurnResult, tenants } from "./settings.ts";
import type { Sizes } from "./sizes.ts";
import { replicate, takeIn } from "./turns.ts";

export interface RunRoundsOptions {
  readonly sizes: Sizes;
  readonly onRound: (round: Round) => void;
}

export async function runRounds(place: Place, { sizes, onRound }: RunRoundsOptions): Promise<readonly Round[]> {
  await using stack = new AsyncDisposableStack();
  const stage = await setStage(stack, place);
  if (sizes.warmUpRecords > 0) await runRound(stage, 0, sizes.warmUpRecords);
  const rounds: Round[] = [];
  while (rounds.length < sizes.rounds) {
    const round = await runRound(stage, rounds.length + 1, sizes.records);
    onRound(round);
    rounds.push(round);
  }
  return rounds;
}

interface Stage extends Place {
  readonly encryptor: Child;
  readonly replicator: Child;
  readonly script: Child;
  readonly intoEach: Readonly<Record<Intake, Deployment>>;
  readonly byScript: Readonly<Record<Script, Deployment>>;
}

async function setStage(stack: AsyncDisposableStack, place: Place): Promise<Stage> {
  const open = (prefix: string, strategies: readonly ReplicaStrategy[]) =>
    openDeployment(stack, place, { prefix: `${place.name}-${prefix}`, strategies });
  const start = async (script: string) => stack.use(await startChild(import.meta.resolve(script)));
  return {
    ...place,
    encryptor: await start("./service-process.ts"),
    replicator: await start("./service-process.ts"),
    script: await start("./script-process.ts"),
    intoEach: {
      alone: await open("alone", []),
      copied: await open("copied", REPLICA_STRATEGIES),
      slow: await open("slow", REPLICA_STRATEGIES),
    },
    // For their tables.
    byScript: {
      batch: await open("batch", ["multi-region"]),
      single: await open("single", ["multi-region"]),
    },
  };
}

async function runRound(stage: Stage, number: number, records: number): Promise<Round> {
  const turns = new Map<Contestant, TurnResult>();
  let recordIds: readonly string[] = [];
  for (const intake of turned(intakes, number)) {
    const submitted = await stage.intoEach[intake].submit(`round-${number}`, { count: records, tenants });
    if (intake === "copied") recordIds = submitted;
    turns.set(intake, await takeInAs(intake, stage, records));
  }
  let told = { batches: 0, deksNamed: 0 };
  for (const copy of turned(copies, number)) {
    if (copy === "batch" || copy === "single") {
      turns.set(copy, await copyByScript(stage, copy, recordIds));
    } else {
      const { replicator, intoEach, redisUrl } = stage;
      const { batches, deksNamed, ...turn } = await replicate(
        { process: replicator, deployment: intoEach.copied, redisUrl },
        copy,
      );
      await requireRecords(intoEach.copied, regionOf[copy], recordIds);
      told = { batches, deksNamed };
      turns.set(copy, turn);
    }
  }
  return { records, turns, ...told };
}

async function takeInAs(
  intake: Intake,
  { aws, encryptor, intoEach, redisUrl }: Stage,
  records: number,
): Promise<TurnResult> {
  const turn = { process: encryptor, deployment: intoEach[intake], redisUrl };
  if (intake !== "slow") return await takeIn(turn, { records });
  await aws.setLatency(regionOf.encrypt, slowMs);
  try {
    return await takeIn(turn, { records });
  } finally {
    await aws.setLatency(regionOf.encrypt, 0);
  }
}

async function copyByScript(stage: Stage, script: Script, recordIds: readonly string[]): Promise<TurnResult> {
  const placeIn = (region: string, { prefix }: Deployment) => {
    return { region, prefix, endpoint: stage.dynamodb[region] ?? "" };
  };
  const region = regionOf["multi-region"];
  const target = stage.byScript[script];
  const turn: ScriptTurn = {
    script,
    from: placeIn(home, stage.intoEach.copied),
    to: placeIn(region, target),
    keyArn: stage.relatedKeyArn,
    recordIds,
  };
  const result = await stage.script.ask<TurnResult>(turn, { timeoutMs: 240_000 });
  await requireRecords(target, region, recordIds);
  return result;
}

async function requireRecords({ stores }: Deployment, region: string, recordIds: readonly string[]): Promise<void> {
  const { heads } = await stores(region).records.getHeads(recordIds);
  if (heads.size < recordIds.length) throw new Error(`${region} has ${heads.size} of ${recordIds.length} records`);
}

/** In another order each time, so that each follows each of the others now and then. */
function turned<One>(all: readonly One[], by: number): readonly One[] {
  const at = by % all.length;
  const order = [...all.slice(at), ...all.slice(0, at)];
  return by % 2 === 0 ? order : order.reverse();
}
