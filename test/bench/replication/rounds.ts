/** What is timed, and what the turns of all rounds come to. */

import { REPLICA_STRATEGIES, type ReplicaStrategy } from "@dekhand/runtime";
import { median, medianRatio } from "../interleave.ts";
import { type Script, scripts, type TurnResult } from "./settings.ts";

/**
 * Taking records in:
 * - `alone`: of a profile without replica Regions.
 * - `copied`: with three replica Regions, one of each strategy.
 * - `slow`: the same, while the Region of the strategy `encrypt` is slow.
 */
export const intakes = ["alone", "copied", "slow"] as const;
export type Intake = (typeof intakes)[number];

/** Copying what `copied` took in: to one Region each. */
export const copies = [...REPLICA_STRATEGIES, ...scripts] as const;

export type Contestant = Intake | ReplicaStrategy | Script;
export const contestants: readonly Contestant[] = [...intakes, ...copies];

export interface Round {
  /** In each turn. */
  readonly records: number;
  readonly turns: ReadonlyMap<Contestant, TurnResult>;
  /** What the replicator was told of for one Region: batches, and the DEKs that they named. */
  readonly batches: number;
  readonly deksNamed: number;
}

export interface Figures {
  readonly records: number;
  readonly perSecond: number;
  /** Of each round. */
  readonly seconds: readonly number[];
  readonly cpuMicrosPerRecord: readonly number[];
}

export function figuresOf(rounds: readonly Round[], contestant: Contestant): Figures {
  const turns = rounds.map(({ records, turns }) => {
    const turn = turns.get(contestant);
    if (turn === undefined) throw new Error(`${contestant} took no turn`);
    return { records, ...turn };
  });
  const records = turns.reduce((total, turn) => total + turn.records, 0);
  const seconds = turns.map((turn) => turn.seconds);
  return {
    records,
    perSecond: records / seconds.reduce((total, value) => total + value, 0),
    seconds,
    cpuMicrosPerRecord: turns.map((turn) => turn.cpuMicros / turn.records),
  };
}

/** CPU a record of one in proportion to another's: the median of the ratios inside a round. */
export function cpuRatio(rounds: readonly Round[], part: Contestant, whole: Contestant): number {
  return medianRatio(figuresOf(rounds, part).cpuMicrosPerRecord, figuresOf(rounds, whole).cpuMicrosPerRecord);
}

/** The same of the time that a turn took. */
export function timeRatio(rounds: readonly Round[], part: Contestant, whole: Contestant): number {
  return medianRatio(figuresOf(rounds, part).seconds, figuresOf(rounds, whole).seconds);
}

export function medianCpuMicros(rounds: readonly Round[], contestant: Contestant): number {
  return median(figuresOf(rounds, contestant).cpuMicrosPerRecord);
}
