import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fullJitterDelay } from "./backoff.ts";

describe("fullJitterDelay", () => {
  it("lies between zero and an edge that doubles up to the cap", () => {
    const edges = Array.from({ length: 8 }, (_, index) =>
      fullJitterDelay(index + 1, { baseMs: 50, capMs: 2_000, random: () => 1 }),
    );
    expect(edges).toEqual([50, 100, 200, 400, 800, 1_600, 2_000, 2_000]);
    expect(fullJitterDelay(5, { baseMs: 50, capMs: 2_000, random: () => 0 })).toBe(0);
  });

  it("stays a finite number below the cap for any attempt", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 1e9 }),
        (attempt, baseMs, capMs) => {
          const delay = fullJitterDelay(attempt, { baseMs, capMs });
          expect(delay).toBeGreaterThanOrEqual(0);
          expect(delay).toBeLessThanOrEqual(capMs);
        },
      ),
    );
  });
});
