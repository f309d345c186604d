/** The benchmark's table, its targets and its method. */

import { type Column, type Row, type Target, target } from "../benchmark.ts";
import { median, medianRatio } from "../interleave.ts";
import { type Figures, figuresOf } from "./figures.ts";
import type { PlaceName } from "./place.ts";
import type { Round } from "./run-place.ts";
import {
  type Contestant,
  contestants,
  contestantTitles,
  kmsCallsAtOnce,
  pageItems,
  scriptPool,
  segmentsAtOnce,
} from "./settings.ts";
import type { AllSizes } from "./sizes.ts";

export interface Outcome extends Readonly<Record<PlaceName, readonly Round[]>> {
  readonly sizes: AllSizes;
}

export const columns: readonly Column[] = [
  { key: "place", title: "endpoint" },
  { key: "contestant", title: "contestant" },
  { key: "wraps", title: "wraps" },
  { key: "perSecond", title: "wraps/s" },
  { key: "cpuMicros", title: "CPU a wrap", unit: "us" },
  { key: "ratio", title: "script / Dekhand", unit: "x" },
  { key: "secondRss", title: "RSS, second tenth", unit: "MiB" },
  { key: "lastRss", title: "RSS, last tenth", unit: "MiB" },
  { key: "lowestHeap", title: "heap, lowest tenth", unit: "MiB" },
  { key: "lastHeap", title: "heap, last tenth", unit: "MiB" },
];

const places: readonly PlaceName[] = ["embedded", "loopback"];
const placeTitles: Readonly<Record<PlaceName, string>> = {
  embedded: "embedded KMS and DynamoDB",
  loopback: "loopback with BatchExecuteStatement",
};

export function rowsOf(outcome: Outcome): readonly Row[] {
  return places.flatMap((place) => contestants.map((contestant) => rowOf(outcome, place, contestant)));
}

function rowOf(outcome: Outcome, place: PlaceName, contestant: Contestant): Row {
  const { wraps, perSecond, cpuMicrosPerWrap, memory } = figures(outcome[place], contestant);
  return {
    place: placeTitles[place],
    contestant: contestantTitles[contestant],
    wraps,
    perSecond: Math.round(perSecond),
    cpuMicros: median(cpuMicrosPerWrap),
    ...(contestant === "dekhand" ? { ratio: scriptToDekhand(outcome[place]) } : {}),
    secondRss: memory.secondRssMiB,
    lastRss: memory.lastRssMiB,
    lowestHeap: memory.lowestHeapMiB,
    lastHeap: memory.lastHeapMiB,
  };
}

export function targetsOf(outcome: Outcome): readonly Target[] {
  return [
    target("loopback: CPU a wrap, script / Dekhand", "at least", 1.5, scriptToDekhand(outcome.loopback)),
    ...places.flatMap((place) => {
      const { memory } = figures(outcome[place], "dekhand");
      const { secondRssMiB, lastRssMiB, lowestHeapMiB, lastHeapMiB } = memory;
      return [
        target(`${place}: growth of RSS (MiB)`, "at most", maxRssGrowthMiB, lastRssMiB - secondRssMiB),
        target(`${place}: growth of the heap (MiB)`, "at most", maxHeapGrowthMiB, lastHeapMiB - lowestHeapMiB),
      ];
    }),
  ];
}

/** From the tenth to the last percent. 80,000 wraps that left 32 bytes each would be 2.4 MiB of heap. */
const maxRssGrowthMiB = 16;
const maxHeapGrowthMiB = 2;

function figures(rounds: readonly Round[], contestant: Contestant): Figures {
  return figuresOf(rounds.map((round) => round[contestant]));
}

function scriptToDekhand(rounds: readonly Round[]): number {
  return medianRatio(figures(rounds, "script").cpuMicrosPerWrap, figures(rounds, "dekhand").cpuMicrosPerWrap);
}

export function methodOf({ sizes }: Outcome): string {
  const { embedded, loopback } = sizes;
  return [
    `${text(embedded.wraps)} wraps at the embedded services and ${text(loopback.wraps)} at the loopback endpoint, in Dekhand's`,
    `table of DEKs, where half of the items are wraps, in ${embedded.rounds} rounds of ${segmentsAtOnce} segments at each place:`,
    "Dekhand rewraps them from a first key to a second, then the script does from the second to a third, so both",
    "rewrap every wrap, side by side, and what either missed ends the benchmark. Each is a process of its own, at each place,",
    `that has rewrapped ${text(embedded.warmUpWraps)} (${text(loopback.warmUpWraps)}) wraps of another table before.`,
    `Dekhand: the rewrapper's segment runner with ${segmentsAtOnce} segments at once, ${kmsCallsAtOnce} KMS calls each, in pages`,
    `of ${pageItems} items; every call through the governor, whose quota is shared through Redis and ample; conditional`,
    "swaps, and a checkpoint a page in the embedded DynamoDB; the AWS SDK's transport (NodeHttpHandler).",
    `Script: pages of ${pageItems} items, a pool of ${scriptPool}, ReEncrypt and an unconditional UpdateItem for each wrap, AWS SDK`,
    "clients with their defaults.",
    "Embedded: the embedded KMS and DynamoDB (without BatchExecuteStatement, so one UpdateItem a swap), each in its process;",
    "they are slower than their clients and share the CPU with them.",
    "Loopback: one process that answers both at once from memory, checks keys, contexts and conditions, and has",
    "BatchExecuteStatement; it does no cryptography.",
    "CPU: user and system of the contestant's process, all threads, median of the rounds; the ratio is the median of the",
    "ratios inside a round. Memory: at each percent of the work, after a full collection of garbage, which is counted",
    "neither as time nor as CPU; medians over tenths of the work. It is flat where RSS in the last tenth is at most",
    `${maxRssGrowthMiB} MiB above that of the second, and the heap at most ${maxHeapGrowthMiB} MiB above its lowest since the second.`,
  ].join(" ");
}

function text(count: number): string {
  return count.toLocaleString("en-US");
}
