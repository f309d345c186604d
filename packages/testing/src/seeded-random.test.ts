import { describe, expect, it } from "vitest";
import { seededRandom } from "./seeded-random.ts";

const draw = (seed: number) => Array.from({ length: 100 }, seededRandom(seed));

describe("random numbers from a seed", () => {
  it("are the same for the same seed, and others for another", () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it("are spread over [0, 1)", () => {
    const numbers = draw(2 ** 31 - 1);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(new Set(numbers.map((number) => Math.floor(number * 10))).size).toBe(10);
  });
});
