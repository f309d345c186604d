import { describe, expect, it } from "vitest";
import type { KmsPriority } from "../kms-call.ts";
import { createLocalFloor, type LocalFloor } from "./local-floor.ts";

/** How many of the calls that always wait are let go in the milliseconds from `from` to `until`. */
function taken(floor: LocalFloor, priority: KmsPriority, { from, until }: { from: number; until: number }): number {
  let count = 0;
  for (let now = from; now < until; now += 1) if (floor.take(priority, now)) count += 1;
  return count;
}

describe("the local floor", () => {
  it("is interactive calls' as a whole, and campaigns' up to their part", () => {
    for (const [priority, expected] of [
      ["interactive", 100],
      ["replicate", 100],
      ["campaign", 25],
    ] as const) {
      const floor = createLocalFloor();
      floor.setFull(10, 0.25);
      expect(Math.abs(taken(floor, priority, { from: 0, until: 10_000 }) - expected)).toBeLessThanOrEqual(1);
    }
  });

  it("lets a campaign's new part take effect at once, also where the one of before was next to nothing", () => {
    const floor = createLocalFloor();
    floor.setFull(10, 0.001);
    expect(taken(floor, "campaign", { from: 0, until: 10_000 })).toBe(1);
    floor.setFull(10, 0.5);
    expect(taken(floor, "campaign", { from: 10_000, until: 20_000 })).toBeGreaterThanOrEqual(49);
    floor.setFull(10, 0);
    expect(taken(floor, "campaign", { from: 20_000, until: 30_000 })).toBe(0);
    expect(floor.nextAt("campaign")).toBe(Number.POSITIVE_INFINITY);
    expect(taken(floor, "interactive", { from: 20_000, until: 30_000 })).toBeGreaterThanOrEqual(99);
  });

  it("never gives all classes together more than it is", () => {
    const floor = createLocalFloor();
    floor.setFull(10, 0.5);
    let count = 0;
    for (let now = 0; now < 10_000; now += 1) {
      for (const priority of ["interactive", "campaign"] as const) if (floor.take(priority, now)) count += 1;
    }
    expect(count).toBeLessThanOrEqual(101);
  });
});
