import type { CampaignTarget } from "@dekhand/store";
import { describe, expect, it } from "vitest";
import { judgeWrap, ROTATION_SETTLES_MS, type WrapLabelsRead } from "./is-current.ts";

const [oldKey, newKey, stranger] = ["arn:old", "arn:new", "arn:stranger"];
const rotatedAt = "2026-11-23T10:00:00.000Z";
const place = { store: "dekhand", region: "us-east-1" };

const rotation = { ...place, sources: [newKey], keyArn: newKey, material: "m2", rotatedAt };
const rotationUntold = { ...place, sources: [newKey], keyArn: newKey, rotatedAt };
const keyToKey = { ...place, sources: [oldKey], keyArn: newKey, material: "m2" };
const keyToKeyUntold = { ...place, sources: [oldKey], keyArn: newKey };

const after = (ms: number) => new Date(Date.parse(rotatedAt) + ms).toISOString();
const labels = { keyArn: true };

describe("what is current", () => {
  it.each<[string, WrapLabelsRead, CampaignTarget, string]>([
    ["the target's material", { keyArn: newKey, material: "m2" }, rotation, "material"],
    ["the target's key, where no material is asked for", { keyArn: newKey, material: "m1" }, keyToKeyUntold, "key"],
    ["likewise, swapped by this campaign", { keyArn: newKey, material: "m1", campaign: "c1" }, keyToKeyUntold, "key"],
    ["no material, swapped by this campaign", { keyArn: newKey, campaign: "c1" }, rotation, "campaign"],
    ["likewise, of a key campaign that asks for one", { keyArn: newKey, campaign: "c1" }, keyToKey, "campaign"],
    [
      "no material, 10 min after the rotation",
      { keyArn: newKey, wrappedAt: after(ROTATION_SETTLES_MS) },
      rotation,
      "time",
    ],
    [
      "likewise, where KMS tells no materials",
      { keyArn: newKey, wrappedAt: after(ROTATION_SETTLES_MS) },
      rotationUntold,
      "time",
    ],
    ["no key at all, swapped by this campaign", { campaign: "c1" }, keyToKey, "campaign"],
  ])("a wrap that says %s", (_, wrap, target, by) => {
    expect(judgeWrap(wrap, { target, campaignId: "c1" }, labels)).toEqual({ kind: "current", by });
  });

  it.each<[string, WrapLabelsRead, CampaignTarget]>([
    ["the old material", { keyArn: newKey, material: "m1" }, rotation],
    [
      "the old material, although this campaign swapped it",
      { keyArn: newKey, material: "m1", campaign: "c1" },
      rotation,
    ],
    ["the old key", { keyArn: oldKey, material: "m2" }, keyToKey],
    ["the old key, although this campaign swapped it", { keyArn: oldKey, campaign: "c1" }, keyToKey],
    [
      "no material, less than 10 min after the rotation",
      { keyArn: newKey, wrappedAt: after(ROTATION_SETTLES_MS - 1) },
      rotation,
    ],
    ["no material and an unreadable time", { keyArn: newKey, wrappedAt: "yesterday" }, rotation],
    ["no material and no time", { keyArn: newKey }, rotation],
    ["no material, swapped by another campaign", { keyArn: newKey, campaign: "c0" }, rotation],
    ["no material, of a key campaign that asks for one", { keyArn: newKey }, keyToKey],
    ["no key", {}, keyToKey],
    ["no key, swapped by another campaign", { campaign: "c0" }, rotation],
  ])("not a wrap that says %s", (_, wrap, target) => {
    expect(judgeWrap(wrap, { target, campaignId: "c1" }, labels)).toEqual({ kind: "stale" });
  });

  it("a wrap under a key that the campaign does not concern is neither", () => {
    for (const target of [rotation, keyToKey]) {
      expect(judgeWrap({ keyArn: stranger }, { target, campaignId: "c1" }, labels)).toEqual({ kind: "other" });
    }
  });

  it("a key ARN that the store does not keep through a swap says nothing", () => {
    const order = { target: keyToKey, campaignId: "c1" };
    const unkept = { keyArn: false };
    expect(judgeWrap({ keyArn: oldKey, campaign: "c1" }, order, unkept)).toEqual({ kind: "current", by: "campaign" });
    expect(judgeWrap({ keyArn: newKey, material: "m2" }, order, unkept)).toEqual({ kind: "stale" });
  });
});
