import { describe, expect, it } from "vitest";
import { withEarlier } from "./home-history.ts";

const home = (epoch: number, region: string, hour = 10 + epoch) => ({
  ...{ profile: "people", region, epoch },
  since: `2026-11-23T${hour}:00:00.000Z`,
});
const entry = (epoch: number, region: string, hour?: number) => {
  const { profile: _, ...rest } = home(epoch, region, hour);
  return rest;
};

describe("a home that was moved", () => {
  it("tells of the homes before it that any Region knows, but for the first one", () => {
    const third = { ...home(3, "c"), earlier: [entry(2, "b")] };
    expect(withEarlier(home(4, "a"), [home(1, "a"), third, undefined])).toEqual({
      ...home(4, "a"),
      earlier: [entry(2, "b"), entry(3, "c")],
    });
    expect(withEarlier(home(2, "b"), [home(1, "a")])).toEqual(home(2, "b"));
  });

  it("tells of two that were homes at once, and of itself never", () => {
    const rival = home(2, "c", 13);
    expect(withEarlier(home(2, "b"), [rival, home(2, "b", 14)])).toEqual({
      ...home(2, "b"),
      earlier: [entry(2, "c", 13)],
    });
    expect(withEarlier(home(3, "c"), [home(2, "b"), rival]).earlier).toEqual([entry(2, "b"), entry(2, "c", 13)]);
  });

  it("forgets the oldest of more than twenty", () => {
    const known = Array.from({ length: 30 }, (_, index) => ({ ...home(index + 2, "b", 10) }));
    const { earlier = [] } = withEarlier(home(40, "a", 11), known);
    expect(earlier).toHaveLength(20);
    expect(earlier[0]?.epoch).toBe(12);
  });
});
