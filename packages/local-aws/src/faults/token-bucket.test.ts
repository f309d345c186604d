import { describe, expect, it } from "vitest";
import { createTokenBucket } from "./token-bucket.ts";

function takeAll(bucket: ReturnType<typeof createTokenBucket>, now: number): number {
  let taken = 0;
  while (bucket.take(now)) taken += 1;
  return taken;
}

describe("a token bucket", () => {
  it("lets one second's worth through at once, and then its rate", () => {
    const bucket = createTokenBucket(100, 0);
    expect(takeAll(bucket, 0)).toBe(100);
    expect(takeAll(bucket, 250)).toBe(25);
    expect(takeAll(bucket, 250)).toBe(0);
  });

  it("never holds more than one second's worth", () => {
    expect(takeAll(createTokenBucket(100, 0), 3_600_000)).toBe(100);
  });

  it("lets a fraction through every so often, and 0 nothing", () => {
    const slow = createTokenBucket(0.5, 0);
    expect([0, 1000, 2000, 4000].map((now) => slow.take(now))).toEqual([true, false, true, true]);
    expect(takeAll(createTokenBucket(0, 0), 1_000_000)).toBe(0);
  });

  it("takes no harm from a clock that goes back", () => {
    const bucket = createTokenBucket(1, 1000);
    expect([bucket.take(1000), bucket.take(0), bucket.take(500)]).toEqual([true, false, false]);
  });
});
