import { describe, expect, it } from "vitest";
import { foregroundFigures, percentile, teamFigures } from "./figures.ts";

describe("a percentile", () => {
  it("is one of the values, by nearest rank", () => {
    const values = Array.from({ length: 200 }, (_, at) => 200 - at);
    expect(percentile(values, 0.99)).toBe(198);
    expect(percentile(values, 0.5)).toBe(100);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.99)).toBeNaN();
  });
});

describe("the figures of the foreground tenant", () => {
  it("count calls by when they were due, whatever became of them", () => {
    const calls = [
      { dueMs: 9, latencyMs: 1, failed: false },
      { dueMs: 10, latencyMs: 900, failed: true },
      { dueMs: 15, latencyMs: 12, failed: false },
      { dueMs: 20, latencyMs: 1, failed: true },
    ];
    expect(foregroundFigures(calls, [10, 20])).toEqual({ calls: 2, failed: 1, medianMs: 12, p99Ms: 900 });
  });
});

describe("the figures of a team", () => {
  it("reach from the first call of any worker to the last one done", () => {
    const results = [
      { done: 30, putBack: 1, firstCallMs: 1_000, lastDoneMs: 2_500, cpuMicros: 4_000 },
      { done: 10, putBack: 0, firstCallMs: 1_500, lastDoneMs: 3_000, cpuMicros: 6_000 },
    ];
    expect(teamFigures(results, { onTheWire: 50, throttled: 5 })).toEqual({
      window: [1_000, 3_000],
      seconds: 2,
      done: 40,
      perSecond: 20,
      putBack: 1,
      onTheWire: 50,
      throttled: 5,
      throttledPercent: 10,
      cpuMicrosPerItem: 250,
    });
  });
});
