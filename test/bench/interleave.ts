/**
 * CPU time of several ways to do one thing, in rounds.
 *
 * A machine's speed drifts by a quarter from minute to minute. So each round
 * times every contestant, in an order that changes from round to round, each from
 * a heap without the others' garbage, and what counts are ratios inside a round.
 */

import { collectGarbage } from "./collect-garbage.ts";

/** Does its operation `times` times. */
export type Contestant = (times: number) => void | Promise<void>;

export interface InterleaveOptions {
  readonly rounds: number;
  /** About how much CPU time a contestant gets in each round, in milliseconds. */
  readonly sliceMs: number;
  /** Called this many times before anything is measured, unless that takes longer than `warmUpMs`. */
  readonly warmUpCalls: number;
  readonly warmUpMs: number;
}

export interface Seldom<Name extends string> {
  /** Take part in every third round only: slow ones, whose figures are beyond doubt. */
  readonly seldom?: readonly Name[];
}

/** CPU time of one operation in each round, in microseconds: user and system, of all threads. NaN: took no part in it. */
export type Timings<Name extends string> = (name: Name) => readonly number[];

export async function interleave<Name extends string>(
  contestants: ReadonlyMap<Name, Contestant>,
  options: InterleaveOptions & Seldom<Name>,
): Promise<Timings<Name>> {
  const order: Entry[] = [];
  const timingsOf = new Map<Name, number[]>();
  for (const [name, contestant] of contestants) {
    const timings: number[] = [];
    timingsOf.set(name, timings);
    const every = options.seldom?.includes(name) ? 3 : 1;
    order.push({ contestant, every, times: await warmUp(contestant, options), timings });
  }
  shareTimes(order.filter(({ every }) => every === 1));
  for (let round = 0; round < options.rounds; round++) {
    for (const { contestant, every, times, timings } of order) {
      const takesPart = round % every === 0;
      if (takesPart) collectGarbage();
      timings.push(takesPart ? await cpuPerCall(contestant, times) : Number.NaN);
    }
    // So that each follows each of the others now and then.
    const first = order.shift();
    if (first) order.push(first);
    order.reverse();
  }
  return (name) => timingsOf.get(name) ?? [];
}

interface Entry {
  readonly contestant: Contestant;
  /** Takes part in every round, or every third. */
  readonly every: number;
  /** Calls in a slice. */
  times: number;
  readonly timings: number[];
}

/** As many calls for each: the first ones of a slice cost more, as they are given memory that was never touched. */
function shareTimes(entries: readonly Entry[]): void {
  const most = Math.max(...entries.map(({ times }) => times));
  for (const entry of entries) entry.times = most;
}

/** How many calls fill a slice. */
async function warmUp(contestant: Contestant, { sliceMs, warmUpCalls, warmUpMs }: InterleaveOptions): Promise<number> {
  const budgetMicros = warmUpMs * 1000;
  let calls = 1;
  let perCall = await cpuPerCall(contestant, calls);
  for (let spent = perCall, done = calls; done < warmUpCalls && spent < budgetMicros; done += calls) {
    calls = Math.min(2 * calls, Math.max(1, Math.ceil((budgetMicros - spent) / Math.max(perCall, 0.1))));
    perCall = await cpuPerCall(contestant, calls);
    spent += perCall * calls;
  }
  return Math.max(1, Math.round((sliceMs * 1000) / Math.max(perCall, 0.1)));
}

async function cpuPerCall(contestant: Contestant, times: number): Promise<number> {
  const before = process.cpuUsage();
  await contestant(times);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

/** The median over the rounds of both of what `part` takes in proportion to `whole` in the same round. */
export function medianRatio(part: readonly number[], whole: readonly number[]): number {
  return median(part.map((value, round) => value / (whole[round] ?? Number.NaN)));
}

/** Of the values that are numbers. */
export function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? Number.NaN)) / 2 : upper;
}
