import { describe, expect, it } from "vitest";
import { createClockOffset } from "./clock-offset.ts";

describe("the offset between two clocks", () => {
  it("is told by the answer that was read soonest, not by one that was read late", () => {
    const offset = createClockOffset();
    expect(offset.toLocal(10_000, 502)).toBe(502);
    expect(offset.toLocal(10_100, 601)).toBe(601);
    expect(offset.toLocal(10_200, 950)).toBe(701);
  });

  it("is forgotten when a clock has been set", () => {
    const offset = createClockOffset();
    offset.toLocal(10_000_000, 500);
    expect(offset.toLocal(6_400_000, 600)).toBe(600);
    expect(offset.toLocal(9_000_000, 700)).toBe(700);
  });

  it("follows clocks that drift apart", () => {
    const offset = createClockOffset();
    for (let at = 0; at < 100; at += 1) offset.toLocal(at * 100, at * 101);
    expect(offset.toLocal(10_000, 10_100)).toBeGreaterThan(10_080);
  });
});
