import type { Campaign } from "@dekhand/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ResealSelection, writeJobDeadline, writeResealSelection } from "../reseal/reseal-selection.ts";
import { type SealedRecords, sealedRecords, textOf } from "../reseal/testing/sealed-records.ts";
import { writeSettings } from "../settings.ts";
import { startCampaign } from "../start-campaign.ts";
import { type CrewOptions, startCrew } from "../testing/campaign-crew.ts";
import { type CampaignRegion, startCampaignRegion } from "../testing/campaign-region.ts";

describe("a reseal", () => {
  let home: CampaignRegion;
  let records: SealedRecords;

  beforeAll(async () => {
    home = await startCampaignRegion();
  });
  beforeEach(async () => {
    records = await sealedRecords(home);
  });
  afterAll(() => home[Symbol.asyncDispose]());

  const start = (selection: ResealSelection): Promise<Campaign> => {
    const settings = {
      ...writeSettings({ canary: 0, sample: 1, probeBy: "decrypt", segments: 3 }),
      ...writeJobDeadline(0),
      ...writeResealSelection(selection),
    };
    const act = { at: new Date().toISOString(), actor: "test", reason: "a DEK has leaked" };
    return startCampaign(
      records.campaigns,
      { id: crypto.randomUUID(), kind: "reseal", targets: [], settings, ...act },
      [],
    );
  };
  const crew = (options: Partial<CrewOptions> = {}) => {
    const reuse = { ...records.profile.reuse, ageMs: 0 };
    return startCrew(home, records.deployment, {
      access: () => expect.fail("there are no wraps to rewrap"),
      reseal: (name) => records.resealing.access(name),
      profiles: { [records.profile.name]: { ...records.profile, reuse } },
      ...options,
    });
  };
  const dekOf = async (id: string) => (await records.stored(id)).dekId;

  it("seals the records of a leaked DEK again, waits until none can come under it, and retires it", async () => {
    const leaked = await records.seal(30);
    const others = await records.seal(10, { tenant: "b" });
    const [{ dekId } = expect.fail("sealed")] = leaked;
    let now = Date.now();
    await using working = await crew({ now: () => now });
    const { id } = await start({ deks: [dekId] });
    expect(await working.until(id, "verifying")).toBe("verifying");
    expect((await records.stores.deks.getSummary(dekId))?.status).toBe("retiring");
    for (const { recordId } of leaked) {
      expect(await dekOf(recordId)).not.toBe(dekId);
      expect(await records.text(recordId)).toBe(textOf(recordId));
    }
    // A worker that got the DEK just before has its birth's and its job's time to store what it sealed.
    now += 60_000;
    expect(await working.until(id)).toBe("complete");
    expect((await records.stores.deks.getSummary(dekId))?.status).toBe("retired");
    for (const before of leaked) expect(await records.text(before.recordId, before)).toBe(textOf(before.recordId));
    for (const { recordId, dekId: theirs } of others) expect(await dekOf(recordId)).toBe(theirs);
  });

  it("is refused where there is no such DEK, and changes nothing", async () => {
    const [{ dekId } = expect.fail("sealed")] = await records.seal(1);
    await using working = await crew();
    const { id } = await start({ deks: [dekId, dekId.replace(/.$/, dekId.endsWith("0") ? "1" : "0")] });
    expect(await working.until(id)).toBe("failed");
    expect((await records.campaigns.get(id))?.last.reason).toContain("there are no such DEKs");
  });
});
