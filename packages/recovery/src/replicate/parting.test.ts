import { describe, expect, it } from "vitest";
import { partedAtMs } from "./parting.ts";

const at = (hour: number) => `2026-11-23T${hour}:05:00.000Z`;
const lessMargin = (hour: number) => Date.parse(`2026-11-23T${hour}:00:00.000Z`);
const b = { epoch: 2, region: "eu-west-1", since: at(10) };
const c = { epoch: 5, region: "ap-southeast-2", since: at(12) };

describe("what a later home may not have known of was written", () => {
  it.each([
    ["never, where no home came later", 5, [b, c], Number.POSITIVE_INFINITY],
    ["since the next home, less five minutes, whichever is the newest", 1, [b, c], lessMargin(10)],
    ["since the one after that, under its epoch", 2, [b, c], lessMargin(12)],
    ["since the first that is known of, where the next one is forgotten", 1, [c], lessMargin(12)],
    ["since there was another home under the same epoch", 2, [b, { ...c, epoch: 2 }], lessMargin(12)],
  ])("%s", (_title, epoch, epochs, ms) => {
    expect(partedAtMs(epoch, epochs)).toBe(ms);
  });
});
