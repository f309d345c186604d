/** What the turns of one contestant come to. */

import { median } from "../interleave.ts";
import type { MemorySample, WorkResult } from "./settings.ts";

export interface Figures {
  readonly wraps: number;
  readonly perSecond: number;
  /** Of each turn. */
  readonly cpuMicrosPerWrap: readonly number[];
  readonly memory: MemoryFigures;
}

/** Medians over tenths of the work, the first left out: there a process is still getting warm. */
export interface MemoryFigures {
  readonly secondRssMiB: number;
  readonly lastRssMiB: number;
  /** Of the tenth where it is lowest: V8 drops compiled code now and then, which would hide what grows. */
  readonly lowestHeapMiB: number;
  readonly lastHeapMiB: number;
}

export function figuresOf(turns: readonly WorkResult[]): Figures {
  const wraps = sum(turns.map((turn) => turn.wraps));
  return {
    wraps,
    perSecond: wraps / sum(turns.map(({ seconds }) => seconds)),
    cpuMicrosPerWrap: turns.map((turn) => turn.cpuMicros / turn.wraps),
    memory: memoryFigures(turns.flatMap(({ samples }) => samples)),
  };
}

export function memoryFigures(samples: readonly MemorySample[]): MemoryFigures {
  const tenths = Array.from({ length: 9 }, (_, at) => {
    const ofTenth = samples.filter(({ percent }) => Math.min(9, Math.floor(percent / 10)) === at + 1);
    return {
      rssMiB: median(ofTenth.map(({ rssMiB }) => rssMiB)),
      heapMiB: median(ofTenth.map(({ heapMiB }) => heapMiB)),
    };
  });
  const nothing = { rssMiB: Number.NaN, heapMiB: Number.NaN };
  const last = tenths.at(-1) ?? nothing;
  return {
    secondRssMiB: (tenths[0] ?? nothing).rssMiB,
    lastRssMiB: last.rssMiB,
    // A tenth that went by in one leap has no samples.
    lowestHeapMiB: Math.min(...tenths.map(({ heapMiB }) => heapMiB).filter((heapMiB) => !Number.isNaN(heapMiB))),
    lastHeapMiB: last.heapMiB,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
