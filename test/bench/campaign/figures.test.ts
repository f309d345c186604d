import { describe, expect, it } from "vitest";
import { figuresOf, memoryFigures } from "./figures.ts";
import type { MemorySample } from "./settings.ts";

const sample = (percent: number, rssMiB: number, heapMiB: number): MemorySample => ({ percent, rssMiB, heapMiB });

describe("the figures of a contestant", () => {
  it("take all turns together for the rate, and each by itself for the CPU", () => {
    const turns = [
      { wraps: 100, seconds: 1, cpuMicros: 20_000, samples: [] },
      { wraps: 300, seconds: 3, cpuMicros: 30_000, samples: [] },
    ];
    expect(figuresOf(turns)).toMatchObject({ wraps: 400, perSecond: 100, cpuMicrosPerWrap: [200, 100] });
  });

  it("compare the memory of the last tenth with the second one, and the heap with its lowest since then", () => {
    const samples = [
      sample(1, 900, 1),
      sample(9, 900, 1),
      sample(10, 100, 30),
      sample(11, 104, 32),
      sample(19, 300, 31),
      sample(20, 900, 24),
      sample(55, 900, 25),
      sample(90, 110, 40),
      sample(100, 120, 42),
    ];
    expect(memoryFigures(samples)).toEqual({
      secondRssMiB: 104,
      lastRssMiB: 115,
      lowestHeapMiB: 24,
      lastHeapMiB: 41,
    });
  });
});
