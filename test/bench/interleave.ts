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
  /** Called this many times before anything is measured, unless that takes longer than ten slices. */
  readonly warmUpCalls: number;
}

/** CPU time of one operation in each round, in microseconds: user and system, of all threads. */
export type Timings<Name extends string> = (name: Name) => readonly number[];

export async function interleave<Name extends string>(
  contestants: ReadonlyMap<Name, Contestant>,
  options: InterleaveOptions,
): Promise<Timings<Name>> {
  const order: { contestant: Contestant; times: number; timings: number[] }[] = [];
  const timingsOf = new Map<Name, number[]>();
  for (const [name, contestant] of contestants) {
    const timings: number[] = [];
    timingsOf.set(name, timings);
    order.push({ contestant, times: await warmUp(contestant, options), timings });
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const { contestant, times, timings } of order) {
      collectGarbage();
      timings.push(await cpuPerCall(contestant, times));
    }
    const first = order.shift();
    if (first) order.push(first);
  }
  return (name) => timingsOf.get(name) ?? [];
}

/** How many calls fill a slice. */
async function warmUp(contestant: Contestant, { sliceMs, warmUpCalls }: InterleaveOptions): Promise<number> {
  const budgetMicros = 10 * sliceMs * 1000;
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

/** The median over all rounds of what `part` takes in proportion to `whole` in the same round. */
export function medianRatio(part: readonly number[], whole: readonly number[]): number {
  return median(part.map((value, round) => value / (whole[round] ?? Number.NaN)));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? Number.NaN)) / 2 : upper;
}
