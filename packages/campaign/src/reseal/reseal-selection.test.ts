import { newDekId } from "@dekhand/envelope";
import { describe, expect, it } from "vitest";
import {
  MAX_SELECTED_DEKS,
  type ResealSelection,
  readResealSelection,
  writeResealSelection,
} from "./reseal-selection.ts";

const createdAt = "2026-11-24T10:00:00.000Z";
const campaignWith = (settings: Readonly<Record<string, string>>) => ({ id: "c1", settings, createdAt });

describe("the selection of a reseal", () => {
  it.each<[string, ResealSelection]>([
    ["one DEK", { deks: [newDekId()] }],
    ["as many as there may be", { deks: Array.from({ length: MAX_SELECTED_DEKS }, newDekId) }],
    ["a profile's old ones", { profile: "people", createdBefore: "2026-11-24T10:00:00.000Z" }],
  ])("of %s is read as it was written, beside other settings, which fit a campaign", (_, selection) => {
    const settings = { ...writeResealSelection(selection), canary: "3" };
    expect(readResealSelection(campaignWith(settings))).toEqual(selection);
    expect(JSON.stringify(settings).length).toBeLessThan(32_000);
  });

  it("names a DEK once, and an instant as UTC", () => {
    const dekId = newDekId();
    expect(writeResealSelection({ deks: [dekId, dekId] })).toEqual({ "reseal.deks": dekId });
    expect(writeResealSelection({ profile: "p", createdBefore: "2026-11-24T12:00:00+02:00" })).toEqual({
      "reseal.profile": "p",
      "reseal.createdBefore": createdAt,
    });
  });

  it.each<[string, ResealSelection]>([
    ["no DEK", { deks: [] }],
    ["too many DEKs", { deks: Array.from({ length: MAX_SELECTED_DEKS + 1 }, newDekId) }],
    ["what is no DEK id", { deks: ["a,b"] }],
    ["no profile", { profile: "", createdBefore: createdAt }],
    ["a date without time", { profile: "p", createdBefore: "2026-11-24" }],
    ["a time that only looks like one", { profile: "p", createdBefore: "2026-13-24T10:00:00Z" }],
  ])("of %s is not written", (_, selection) => {
    expect(() => writeResealSelection(selection)).toThrow(
      expect.objectContaining({ code: "CAMPAIGN_SETTING_INVALID" }),
    );
  });

  it.each([
    ["nothing", {}],
    ["both kinds at once", { "reseal.deks": newDekId(), "reseal.profile": "p", "reseal.createdBefore": createdAt }],
    ["half of one", { "reseal.profile": "p" }],
    ["an instant after the campaign", { "reseal.profile": "p", "reseal.createdBefore": "2026-11-24T10:00:00.001Z" }],
  ])("that says %s is refused, and names the setting", (_, settings) => {
    expect(() => readResealSelection(campaignWith(settings))).toThrow(
      expect.objectContaining({
        code: "CAMPAIGN_SETTING_INVALID",
        context: { campaignId: "c1", setting: expect.stringMatching(/^reseal\./) },
      }),
    );
  });
});
