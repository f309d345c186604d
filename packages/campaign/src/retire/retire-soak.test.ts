import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CampaignRegion, region, startCampaignRegion } from "../testing/campaign-region.ts";
import { backupsMs, dayMs, openDesk, type RetirementDesk, togetherYes } from "./testing/retirement-desk.ts";

let home: CampaignRegion;
let desk: RetirementDesk;
beforeAll(async () => {
  home = await startCampaignRegion();
});
afterAll(() => home[Symbol.asyncDispose]());
beforeEach(async () => {
  desk = await openDesk(home);
});

describe("a soak", () => {
  it("has to be longer than backups are kept", async () => {
    for (const soakMs of [backupsMs, dayMs]) {
      await expect(desk.retire({ soakMs })).rejects.toMatchObject({ code: "CAMPAIGN_PLAN_INVALID" });
    }
    expect(await desk.stores.state.getRetirement(desk.old)).toBeUndefined();
  });

  it("stays as long as it was begun with, and changes by an explicit word that is kept", async () => {
    const { retirement } = await desk.retire({ soakMs: 50 * dayMs });
    expect((await desk.retire()).retirement).toEqual(retirement);
    const shorter = await desk.retire({ soakMs: 40 * dayMs });
    const lasts = Date.parse(shorter.retirement?.soakUntil ?? "") - Date.parse(shorter.retirement?.startedAt ?? "");
    expect(lasts).toBe(40 * dayMs);
    expect(shorter.retirement?.notes).toHaveLength(2);
    const longer = await desk.retire({ backupsMs: 60 * dayMs });
    expect(longer.retirement).toMatchObject({ backupsDays: 60 });
    desk.aheadMs = 60 * dayMs;
    expect(await desk.retire({ backupsMs: 60 * dayMs })).toMatchObject({ outcome: "soaking" });
  });

  it("begins anew when the key was used; not for the probes themselves, nor for a use that is accepted", async () => {
    await desk.deployment.bear(5, desk.current);
    await desk.use(desk.old);
    const begun = await desk.retire();
    expect(begun.outcome).toBe("soak-begun");
    expect(await desk.retire()).toMatchObject({ outcome: "soaking", retirement: { version: 1 } });

    await desk.use(desk.old);
    const accepted = await desk.retire({ acceptUse: "a restore drill" });
    expect(accepted).toMatchObject({ outcome: "soaking", retirement: { soakUntil: begun.retirement?.soakUntil } });
    expect(accepted.retirement?.notes.at(-1)?.what).toContain("a restore drill");
    expect(await desk.retire()).toMatchObject({ outcome: "soaking" });

    await desk.use(desk.old);
    const again = await desk.retire();
    expect(again).toMatchObject({ outcome: "soak-restarted", usage: { operation: "Encrypt" } });
    expect(again.retirement?.notes.at(-1)?.what).toContain("Encrypt");
    expect(again.warnings.join()).toContain("Encrypt");
    const [first, second] = [begun, again].map((each) => Date.parse(each.retirement?.startedAt ?? ""));
    expect(second).toBeGreaterThan(first ?? Number.NaN);
  });

  it("has to be begun anew after a wrap under the key was found", async () => {
    await desk.retire();
    const id = await desk.putWrap(desk.old, desk.current);
    const found = await desk.retire();
    expect(found).toMatchObject({ outcome: "wraps-found", retirement: { version: 2 } });
    expect(found.retirement).not.toHaveProperty("emptyAt");
    await desk.deleteWrap(id);
    desk.aheadMs = 40 * dayMs;
    expect(await desk.retire()).toMatchObject({ outcome: "soak-begun" });
    expect(await desk.stateOf(desk.old)).toBe("Enabled");
  });

  it("leaves no worker that makes a DEK under the key, and begins anew where a campaign went back to it", async () => {
    const { state } = desk.stores;
    await desk.retire();
    expect((await state.leftKey(desk.old))?.campaignId).toMatch(/^retirement-/);
    await state.returnToKey(desk.old, { campaignId: "going-back", marks: "all" });
    desk.aheadMs = 40 * dayMs;
    expect(await desk.retire()).toMatchObject({ outcome: "soak-restarted" });
    expect(await state.leftKey(desk.old)).toBeDefined();
  });

  it("does not begin where a campaign back to the key began while its wraps were probed, and does not hinder it", async () => {
    await desk.deployment.bear(1, desk.current);
    const deps = desk.deps();
    const probeReEncrypt: typeof deps.kms.probeReEncrypt = async (...args) => {
      const target = { store: "dekhand", region, sources: [desk.current], keyArn: desk.old };
      await desk.deployment.campaign(target, "key", "running");
      return deps.kms.probeReEncrypt(...args);
    };
    const refused = await desk.retire({}, { ...deps, kms: { ...deps.kms, probeReEncrypt } });
    expect(refused).toMatchObject({ outcome: "refused", blockers: [{ kind: "campaign" }] });
    expect(await desk.stores.state.leftKey(desk.old)).toBeUndefined();
    expect(await desk.stores.state.getRetirement(desk.old)).toBeUndefined();
  });

  it("of two operators that begin at once, one soak is kept", async () => {
    const ends = await Promise.allSettled([desk.retire({ actor: "ann" }), desk.retire({ actor: "bob" })]);
    // One may have begun after the other had ended.
    const begun = ends.filter((end) => end.status === "fulfilled" && end.value.outcome === "soak-begun");
    expect(begun).toHaveLength(1);
    expect(await desk.stores.state.getRetirement(desk.old)).toMatchObject({ version: 1 });
  });
});

describe("the end of a soak", () => {
  beforeEach(async () => {
    await desk.retire();
    desk.aheadMs = 37 * dayMs;
  });

  it("disables nothing where a wrap is under the key again", async () => {
    await desk.putWrap(desk.old, desk.current);
    // KMS tells of the use, too: what is under test is the probe.
    expect(await desk.retire({ acceptUse: "known" })).toMatchObject({ outcome: "wraps-found" });
    expect(await desk.stateOf(desk.old)).toBe("Enabled");
    expect(desk.asked).toBe(0);
  });

  it("of two operators at once, one disables the key, and the other is told", async () => {
    const confirm = togetherYes(2);
    const ends = await Promise.allSettled(["ann", "bob"].map((actor) => desk.retire({ confirm, actor })));
    expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const [lost, won] = ["rejected", "fulfilled"].map((how) => ends.find(({ status }) => status === how));
    expect(lost).toMatchObject({ reason: { code: "STORE_RETIREMENT_CHANGED" } });
    expect(won).toMatchObject({ value: { outcome: "disabled" } });
  });

  it("a campaign that begins while somebody thinks about the answer keeps the key enabled", async () => {
    const confirm = async () => {
      const target = { store: "dekhand", region, sources: [desk.current], keyArn: desk.old };
      await desk.deployment.campaign(target, "key", "running");
      return true;
    };
    expect(await desk.retire({ confirm })).toMatchObject({ outcome: "refused", blockers: [{ kind: "campaign" }] });
    expect(await desk.stateOf(desk.old)).toBe("Enabled");
  });

  it("probes again before it disables, where the answer took long", async () => {
    const confirm = async () => {
      desk.aheadMs += 3_600_000;
      await desk.putWrap(desk.old, desk.current);
      return true;
    };
    expect(await desk.retire({ confirm })).toMatchObject({ outcome: "wraps-found" });
    expect(await desk.stateOf(desk.old)).toBe("Enabled");
  });

  it("is tried again where KMS refused, as by a key policy that guards the key", async () => {
    const deps = desk.deps();
    const missing = desk.old.replace(/[0-9a-f]{12}$/, "0".repeat(12));
    const kms = { ...deps.kms, disableKey: () => deps.kms.disableKey(missing) };
    await expect(desk.retire({}, { ...deps, kms })).rejects.toMatchObject({ operation: "DisableKey" });
    const again = await desk.retire();
    expect(again).toMatchObject({ outcome: "disabled", key: { state: "Disabled" } });
    expect(again.warnings.join()).toContain("it was to be disabled");
  });
});
