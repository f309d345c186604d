import type { ProfileHome } from "@dekhand/store";
import { expect, it } from "vitest";
import { planHomes } from "./home-plan.ts";

const home = (profile: string, region: string, epoch: number): ProfileHome => ({
  ...{ profile, region, epoch, since: "2026-11-26T10:00:00.000Z" },
});
const told = (known: Readonly<Record<string, readonly ProfileHome[]>>) =>
  planHomes(new Map(Object.entries(known))).map((one) => [
    one.region,
    one.home.profile,
    one.home.region,
    one.home.epoch,
  ]);

it("a Region that knows nothing of a home that was moved is told the newest", () => {
  const known = { a: [home("people", "a", 2)], b: [home("people", "b", 3), home("orders", "b", 2)], c: [] };
  expect(told(known)).toEqual([
    ["a", "orders", "b", 2],
    ["c", "people", "b", 3],
    ["c", "orders", "b", 2],
  ]);
});

it("nothing is told of homes that were never moved, nor of one that two Regions name differently under one epoch", () => {
  expect(told({ a: [home("people", "a", 1)], b: [] })).toEqual([]);
  expect(told({ a: [home("people", "a", 2)], b: [home("people", "b", 2)], c: [] })).toEqual([]);
  expect(
    told({ a: [home("people", "a", 2)], b: [home("people", "b", 2)], c: [], d: [home("people", "a", 3)] }),
  ).toEqual([["c", "people", "a", 3]]);
});
