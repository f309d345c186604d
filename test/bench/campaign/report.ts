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
import type { Sizes } from "./sizes.ts";

export interface Outcome extends Readonly<Record<PlaceName, readonly Round[]>> {
  readonly sizes: Sizes;
}

export const columns: readonly Column[] = [
  { key: "place", title: "endpoint" },
  { key: "contestant", title: "contestant" },
  { key: "wraps", title: "wraps" },
  { key: "perSecond", title: "wraps/s" },
  { key: "cpuMicros", title: "CPU a wrap", unit: "us" },
  { key: "ratio", title: "script / Dekhand", unit: "x" },
  { key: "earlyRss", title: "RSS, 10 to 20 %", unit: "MiB" },
  { key: "lateRss", title: "RSS, last 10 %", unit: "MiB" },
  { key: "earlyHeap", title: "heap, 10 to 20 %", unit: "MiB" },
  { key: "lateHeap", title: "heap, last 10 %", unit: "MiB" },
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
    earlyRss: memory.early.rssMiB,
    lateRss: memory.late.rssMiB,
    earlyHeap: memory.early.heapMiB,
    lateHeap: memory.late.heapMiB,
  };
}

export function targetsOf(outcome: Outcome): readonly Target[] {
  return [
    target("loopback: CPU a wrap, script / Dekhand", "at least", 1.5, scriptToDekhand(outcome.loopback)),
    ...places.flatMap((place) => {
      const { early, late } = figures(outcome[place], "dekhand").memory;
      return [
        target(`${place}: growth of RSS (MiB)`, "at most", maxRssGrowthMiB, late.rssMiB - early.rssMiB),
        target(`${place}: growth of the heap (MiB)`, "at most", maxHeapGrowthMiB, late.heapMiB - early.heapMiB),
      ];
    }),
  ];
}

/** From the tenth to the last percent. Of 80,000 wraps, a leak of one word each would be more than 0.6 MiB of heap. */
const maxRssGrowthMiB = 16;
const maxHeapGrowthMiB = 2;

function figures(rounds: readonly Round[], contestant: Contestant): Figures {
  return figuresOf(rounds.map((round) => round[contestant]));
}

function scriptToDekhand(rounds: readonly Round[]): number {
  return medianRatio(figures(rounds, "script").cpuMicrosPerWrap, figures(rounds, "dekhand").cpuMicrosPerWrap);
}

export function methodOf({ sizes }: Outcome): string {
  return [`${sizes.wraps} ${pageItems} ${kmsCallsAtOnce} ${scriptPool} ${segmentsAtOnce}`].join(" ");
}
