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

export interface MemoryFigures {
  /** Medians from the tenth to the twentieth percent of the work. */
  readonly early: Memory;
  /** Medians of the last tenth. */
  readonly late: Memory;
}

type Memory = Pick<MemorySample, "rssMiB" | "heapMiB">;

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
  return {
    early: mediansOf(samples.filter(({ percent }) => percent >= 10 && percent < 20)),
    late: mediansOf(samples.filter(({ percent }) => percent > 90)),
  };
}

function mediansOf(samples: readonly MemorySample[]): Memory {
  return { rssMiB: median(samples.map(({ rssMiB }) => rssMiB)), heapMiB: median(samples.map(({ heapMiB }) => heapMiB)) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
