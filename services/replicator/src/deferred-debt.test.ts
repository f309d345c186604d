import { expect, it } from "vitest";
import { createDeferredDebt } from "./deferred-debt.ts";

it("debt that cannot be paid is tried less and less often, at least every ten minutes, and anew once it was paid", () => {
  let now = 0;
  const deferred = createDeferredDebt(() => now);
  expect(deferred.isDue("a")).toBe(true);
  const pauses = Array.from({ length: 12 }, () => {
    deferred.defer("a", 3_000);
    const from = now;
    while (!deferred.isDue("a")) now += 1_000;
    return now - from;
  });
  expect(pauses.slice(0, 3)).toEqual([3_000, 6_000, 12_000]);
  expect(Math.max(...pauses)).toBe(600_000);
  deferred.forget("a");
  deferred.defer("a", 3_000);
  now += 3_000;
  expect(deferred.isDue("a")).toBe(true);
});
