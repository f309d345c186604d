import type { CampaignTarget, WrapRef } from "@dekhand/store";
import { describe, expect, it } from "vitest";
import { type HomeWrap, judgeCopy } from "./judge-copy.ts";

const arn = (region: string, key: string) => `arn:aws:kms:${region}:111122223333:key/${key}`;
const [home, away] = ["us-east-1", "eu-west-1"];
const [old = "", next = "", third = ""] = ["1", "2", "3"].map((digit) => `mrk-${digit.repeat(32)}`);
const campaignId = "c1";
const targetIn = (region: string): CampaignTarget => ({
  store: "dekhand",
  region,
  sources: [arn(region, old)],
  keyArn: arn(region, next),
});
const targets = { campaignId, here: targetIn(away), home: targetIn(home) };

const wrap = (region: string, key: string, text: string, changes: Partial<WrapRef> = {}): HomeWrap => ({
  id: "dek",
  keyArn: arn(region, key),
  blob: Buffer.from(text),
  context: {},
  wrappedAt: "2026-11-23T10:00:00.000Z",
  ...changes,
});
const later = { wrappedAt: "2026-11-23T11:00:00.000Z" };

describe("a copy", () => {
  it("is current where it is what home has, under the related key", () => {
    const swapped = { campaign: campaignId, material: "m" };
    const judged = judgeCopy(wrap(away, next, "new", swapped), wrap(home, next, "new", swapped), targets);
    expect(judged).toEqual({ kind: "current", by: "key" });
  });

  it.each([
    ["under the key to be left", wrap(away, old, "old", { campaign: "c0" })],
    ["with other bytes under the right labels", wrap(away, next, "flipped", { campaign: "c0" })],
    ["under the wrong label", wrap(away, third, "new", { campaign: "c0" })],
    ["with another material", wrap(away, next, "new", { campaign: "c0", material: "m" })],
    ["that does not say which campaign swapped it", wrap(away, next, "new")],
    ["that says another time", wrap(away, next, "new", { campaign: "c0", wrappedAt: "2026-11-23T09:00:00.000Z" })],
    ["that is later, under the key to be left", wrap(away, old, "old", later)],
  ])("%s is replaced by what home has", (_, copy) => {
    const atHome = wrap(home, next, "new", { campaign: "c0" });
    const replacement = { ...atHome, keyArn: arn(away, next) };
    expect(judgeCopy(copy, atHome, targets)).toEqual({ kind: "copy", next: replacement });
  });

  it("under the key to be left is replaced though home has gone to a key that the campaign does not concern", () => {
    const atHome = wrap(home, third, "third");
    const judged = judgeCopy(wrap(away, old, "old"), atHome, targets);
    expect(judged).toEqual({ kind: "copy", next: { ...atHome, keyArn: arn(away, third) } });
  });

  it("waits while home's wrap is still to be rewrapped, whatever it is itself", () => {
    for (const copy of [wrap(away, old, "old"), wrap(away, next, "new"), wrap(away, third, "third")]) {
      expect(judgeCopy(copy, wrap(home, old, "old"), targets)).toEqual({ kind: "waits" });
    }
  });

  it("that is current and later than home's is left: its Region may have been the home meanwhile", () => {
    const judged = judgeCopy(wrap(away, next, "newer", later), wrap(home, next, "new"), targets);
    expect(judged).toEqual({ kind: "current", by: "key" });
  });

  it("that is later than home's is left where it is under a key that the campaign does not concern", () => {
    const judged = judgeCopy(wrap(away, third, "newer", later), wrap(home, next, "new"), targets);
    expect(judged).toEqual({ kind: "other" });
  });

  it("under older material becomes home's, though a clock that ran ahead says that it is the later one", () => {
    const rotated = (region: string): CampaignTarget => ({
      ...targetIn(region),
      sources: [arn(region, next)],
      material: "m2",
    });
    const atHome = wrap(home, next, "new", { material: "m2" });
    const copy = (changes: Partial<WrapRef>) =>
      judgeCopy(wrap(away, next, "other", changes), atHome, { campaignId, here: rotated(away), home: rotated(home) });
    expect(copy({ material: "m1", ...later })).toMatchObject({ kind: "copy" });
    expect(copy({ material: "m1" })).toMatchObject({ kind: "copy" });
  });

  it("is another's affair where neither it nor home's wrap is under a key of the campaign", () => {
    expect(judgeCopy(wrap(away, third, "one"), wrap(home, third, "two"), targets)).toEqual({ kind: "other" });
    expect(judgeCopy(wrap(away, third, "one"), undefined, targets)).toEqual({ kind: "other" });
  });

  it("is an orphan where home has nothing to copy, unless it is current by itself", () => {
    const unrelated = wrap(home, "01234567-89ab-cdef-0123-456789abcdef", "x");
    for (const atHome of [undefined, unrelated]) {
      expect(judgeCopy(wrap(away, old, "old"), atHome, targets)).toMatchObject({ kind: "orphan" });
      expect(judgeCopy(wrap(away, next, "new"), atHome, targets)).toMatchObject({ kind: "current" });
    }
  });
});
