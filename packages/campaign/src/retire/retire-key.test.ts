import { randomBytes } from "node:crypto";
import { CreateAliasCommand } from "@aws-sdk/client-kms";
import { createTransitKeys } from "@dekhand/deks";
import { KmsError } from "@dekhand/kms";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CampaignRegion, profileName, region, startCampaignRegion } from "../testing/campaign-region.ts";
import type { RetireDeps } from "./retire-types.ts";
import { dayMs, openDesk, type RetirementDesk } from "./testing/retirement-desk.ts";

let home: CampaignRegion;
let desk: RetirementDesk;
beforeAll(async () => {
  home = await startCampaignRegion();
});
afterAll(() => home[Symbol.asyncDispose]());
beforeEach(async () => {
  desk = await openDesk(home);
});

const nothingIsStored = async () => expect(await desk.stores.state.getRetirement(desk.old)).toBeUndefined();

describe("a key's retirement", () => {
  it("goes from a clean probe over the soak to disabled, and to its deletion only when that is asked for", async () => {
    const { old } = desk;
    await desk.deployment.bear(30, desk.current);
    const begun = await desk.retire();
    expect(begun).toMatchObject({
      outcome: "soak-begun",
      retirement: { backupsDays: 35, startedBy: "ann" },
      probe: { under: { count: 0 }, unknown: { count: 0 } },
    });
    expect(begun.probe?.stores.find(({ store }) => store === "dekhand")?.wraps).toBe(30);
    expect(begun.guard.Condition.NumericLessThan).toEqual({ "kms:TrailingDaysWithoutKeyUsage": "36" });
    expect(await desk.schedule()).toMatchObject({ outcome: "refused", blockers: [{ kind: "key-state" }] });

    desk.aheadMs = 36 * dayMs - 60_000;
    expect(await desk.retire()).toMatchObject({ outcome: "soaking" });
    expect(await desk.schedule()).toMatchObject({ outcome: "refused", blockers: [{ kind: "key-state" }] });
    expect(await desk.stateOf(old)).toBe("Enabled");

    desk.aheadMs = 36 * dayMs + 60_000;
    expect(await desk.retire({ confirm: async () => false })).toMatchObject({ outcome: "declined" });
    expect(await desk.stateOf(old)).toBe("Enabled");
    expect(await desk.retire()).toMatchObject({ outcome: "disabled", key: { state: "Disabled" } });
    expect(await desk.retire()).toMatchObject({ outcome: "already-disabled" });
    expect(await desk.stateOf(old)).toBe("Disabled");

    expect(await desk.schedule({ confirm: async () => false })).toMatchObject({ outcome: "declined" });
    expect(await desk.stateOf(old)).toBe("Disabled");
    const scheduled = await desk.schedule({ days: 7 });
    const { deletionAt } = await home.kms.describeKey(old);
    expect(deletionAt).toBeDefined();
    expect(scheduled).toMatchObject({ outcome: "deletion-scheduled", retirement: { deletionAt } });
    expect(await desk.schedule()).toMatchObject({ outcome: "deletion-pending", retirement: { deletionAt } });
    expect(await desk.retire()).toMatchObject({ outcome: "deletion-pending" });
    expect(desk.asked).toBe(2);

    const { notes = [] } = (await desk.stores.state.getRetirement(old)) ?? {};
    expect(notes.every(({ actor }) => actor === "ann")).toBe(true);
    expect(notes.map(({ what }) => what)).toEqual([
      expect.stringContaining("it soaks until"),
      expect.stringContaining("of 30 wraps none is under the key"),
      expect.stringContaining("it is deleted in 7 days"),
      expect.stringContaining(String(deletionAt)),
    ]);
  });

  it("is refused for a wrap that is under the key although its label names another", async () => {
    await desk.deployment.bear(5, desk.current);
    const id = await desk.putWrap(desk.old, desk.current);
    expect(await desk.retire()).toMatchObject({
      outcome: "wraps-found",
      probe: { under: { count: 1, first: [{ store: "dekhand", region, id }] } },
    });
    await nothingIsStored();
    expect(await desk.stateOf(desk.old)).toBe("Enabled");
  });

  it("is refused for a transit key's wrap, also where the configuration has no transit keys any more", async () => {
    const keyId = "transit-1";
    const keys = createTransitKeys({ state: desk.stores.state, kms: home.kms, key: desk.old });
    await keys.add({ keyId, publicKey: randomBytes(32), privateKey: randomBytes(32) });
    for (const config of [desk.config(), desk.config({ transit: undefined })]) {
      expect(await desk.retire({ acceptUnknown: "no matter" }, desk.deps({ config }))).toMatchObject({
        outcome: "wraps-found",
        probe: { under: { count: 1, first: [{ store: "transit", id: keyId }] } },
      });
    }
  });

  it("is refused for a wrap of somebody else's store, which keeps no labels", async () => {
    const id = await desk.putWrap(desk.old, desk.old);
    const { wraps } = desk.deployment;
    const scan: typeof wraps.scan = async (...args) => {
      const page = await wraps.scan(...args);
      return { ...page, wraps: page.wraps.map(({ blob, context, id: name }) => ({ id: name, blob, context })) };
    };
    const orders = { ...wraps, name: "orders", labels: { keyArn: false, material: false, campaign: false }, scan };
    const { probe } = await desk.retire({}, desk.deps({ foreign: [orders] }));
    expect(probe?.under.first.map(({ store, id: found }) => [store, found]).sort()).toEqual([
      ["dekhand", id],
      ["orders", id],
    ]);
  });

  it("is refused for wraps that nobody can judge, until an operator accepts them with a reason that is kept", async () => {
    const { old, current } = desk;
    const mislabelled = await desk.putWrap(current, old);
    const misbound = await desk.putWrap(old, current, { tenant: "another" });
    const refused = await desk.retire();
    expect(refused).toMatchObject({ outcome: "wraps-found", probe: { under: { count: 0 }, unknown: { count: 2 } } });
    expect(refused.probe?.unknown.first.map(({ id }) => id).sort()).toEqual([mislabelled, misbound].sort());
    await nothingIsStored();
    const acceptUnknown = "test data of last year";
    expect(await desk.retire({ acceptUnknown })).toMatchObject({ outcome: "soak-begun" });
    const { notes = [] } = (await desk.stores.state.getRetirement(old)) ?? {};
    expect(notes.map(({ what }) => what).join()).toMatch(/accepted 2 wraps.*: test data of last year/);

    desk.aheadMs = 37 * dayMs;
    // Accepted for that probe, not for ever; and no reason to soak anew.
    expect(await desk.retire()).toMatchObject({ outcome: "wraps-found", retirement: { version: 1 } });
    expect(await desk.retire({ acceptUnknown })).toMatchObject({ outcome: "disabled" });
    expect(await desk.schedule()).toMatchObject({ outcome: "refused", blockers: [{ kind: "labels" }] });
    expect(await desk.schedule({ acceptUnknown })).toMatchObject({ outcome: "deletion-scheduled" });
  });

  it("lists at most 20 of many wraps, and counts all", async () => {
    await desk.deployment.bear(25, desk.old);
    const { probe } = await desk.retire();
    expect(probe?.under.count).toBe(25);
    expect(probe?.under.first).toHaveLength(20);
  });

  it("is refused where a profile is not configured any more, and says what to add", async () => {
    await desk.deployment.bear(1, desk.current);
    const config = desk.config({ profiles: { other: { home: region, key: desk.current } } });
    const { outcome, probe } = await desk.retire({}, desk.deps({ config }));
    expect(outcome).toBe("wraps-found");
    expect(probe?.unknown.first[0]?.message).toContain("add its profile to the configuration");
  });
});

describe("a retirement is refused while", () => {
  const refusal = async (deps: RetireDeps) => {
    const report = await desk.retire({}, deps);
    expect(report).toMatchObject({ outcome: "refused" });
    expect(report.probe).toBeUndefined();
    await nothingIsStored();
    return report.blockers;
  };

  it("the configuration names the key for new wraps, by alias too; what only retires it is named", async () => {
    const { old, current } = desk;
    const alias = `alias/old-${desk.deployment.tables.deks}`;
    await home.clients.kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: old }));
    const profileWith = (key: string, retiring: readonly string[] = []) => ({
      [profileName]: { home: region, key, retiring, required: ["tenant"] },
    });
    const module = "/nowhere/module.ts";
    const scan = "SELECT id, edek AS blob FROM t WHERE $1::text IS NULL OR id > $1 ORDER BY id LIMIT $2";
    const swap = "UPDATE t SET edek = $3 WHERE id = $1 AND edek = $2";
    const postgres = { connection: "DEKHAND_T_URL", scan, swap, keyArn: old };
    const wrapStores = {
      alone: { region, keys: [alias], module },
      both: { region, keys: [old, current], module },
      constant: { region, keys: [old, current], postgres },
    };
    const config = desk.config({ profiles: profileWith(alias), transit: { key: old }, wrapStores });
    const blockers = await refusal(desk.deps({ config }));
    expect(blockers.every(({ kind }) => kind === "configuration")).toBe(true);
    expect(blockers.map(({ message }) => /[a-zA-Z]+\.[\w.]+/.exec(message)?.[0])).toEqual([
      `profiles.${profileName}.key`,
      "transit.key",
      "wrapStores.alone.keys",
      "wrapStores.constant.postgres.keyArn",
    ]);
    const listing = desk.config({ profiles: profileWith(current, [alias]) });
    expect(await desk.retire({}, desk.deps({ config: listing }))).toMatchObject({
      outcome: "soak-begun",
      listed: [`profiles.${profileName}.retiring`],
    });
  });

  it("the configuration names the key for copies of DEKs whose home is elsewhere", async () => {
    const elsewhere = "eu-west-1";
    const replicas = { [region]: { key: desk.old, strategy: "encrypt" } };
    const profiles = { [profileName]: { home: elsewhere, key: "alias/elsewhere", required: ["tenant"], replicas } };
    const config = desk.config({ regions: [region, elsewhere], control: region, profiles });
    expect(await refusal(desk.deps({ config }))).toMatchObject([
      { kind: "configuration", message: expect.stringContaining(`profiles.${profileName}.replicas.${region}.key`) },
    ]);
  });

  it("a campaign from or to the key has not ended", async () => {
    const { old, current } = desk;
    for (const [from, to] of [[old, current] as const, [current, old] as const]) {
      const target = { store: "dekhand", region, sources: [from], keyArn: to };
      const { id } = await desk.deployment.campaign(target, "key", "running");
      const messages = (await refusal(desk.deps())).map(({ kind, message }) => `${kind}: ${message}`);
      expect(messages).toContainEqual(expect.stringContaining(`campaign: campaign ${id}`));
    }
  });

  it("a live worker makes DEKs under the key; one that is silent does not count", async () => {
    const keys = { [profileName]: { [region]: desk.old } };
    const beat = { workerId: "w-1", service: "encryptor", version: "1", keys };
    await desk.stores.state.putHeartbeat({ ...beat, at: new Date().toISOString() });
    expect(await refusal(desk.deps())).toMatchObject([{ kind: "worker", message: expect.stringContaining("w-1") }]);
    await desk.stores.state.putHeartbeat({ ...beat, at: new Date(Date.now() - 91_000).toISOString() });
    expect(await desk.retire()).toMatchObject({ outcome: "soak-begun" });
  });

  it("the key is disabled by somebody else: its wraps cannot be probed", async () => {
    await home.kms.disableKey(desk.old);
    const stuck = { kind: "key-state", message: expect.stringContaining("enable it") };
    expect(await refusal(desk.deps())).toMatchObject([stuck]);
    expect(await desk.schedule()).toMatchObject({ outcome: "refused" });
    expect(await desk.stateOf(desk.old)).toBe("Disabled");
  });
});

describe("a probe of every wrap", () => {
  const failingWith = (failureClass: "denied" | "throttled", times: number): RetireDeps => {
    const deps = desk.deps();
    let failed = 0;
    const probeReEncrypt: typeof deps.kms.probeReEncrypt = async (...args) => {
      failed += 1;
      if (failed > times) return deps.kms.probeReEncrypt(...args);
      throw new KmsError({ failureClass, operation: "ReEncrypt", region, reason: "Scripted", attempts: 1 });
    };
    return { ...deps, kms: { ...deps.kms, probeReEncrypt } };
  };

  it("concludes nothing where KMS refuses to tell", async () => {
    await desk.deployment.bear(3, desk.current);
    const failure = { code: "CAMPAIGN_PROBE_STOPPED", context: { store: "dekhand", code: "KMS_DENIED" } };
    await expect(desk.retire({}, failingWith("denied", 1))).rejects.toMatchObject(failure);
    await nothingIsStored();
  });

  it("begins a page again after trouble that passes, and counts each wrap once", async () => {
    await desk.deployment.bear(12, desk.current);
    const id = await desk.putWrap(desk.old, desk.current);
    let told = 0;
    const onProgress = (wraps: number) => {
      told += wraps;
    };
    const { probe } = await desk.retire({ onProgress }, failingWith("throttled", 2));
    expect(probe?.under.first.map((each) => each.id)).toEqual([id]);
    expect(probe?.stores.reduce((sum, { wraps }) => sum + wraps, 0)).toBe(13);
    expect(told).toBe(13);
  });

  it("ends when it is cancelled, and leaves nothing behind", async () => {
    await desk.deployment.bear(40, desk.current);
    const cancelling = new AbortController();
    const deps = desk.deps();
    const probeReEncrypt: typeof deps.kms.probeReEncrypt = async (...args) => {
      cancelling.abort(new Error("enough"));
      return deps.kms.probeReEncrypt(...args);
    };
    const step = desk.retire({ signal: cancelling.signal }, { ...deps, kms: { ...deps.kms, probeReEncrypt } });
    await expect(step).rejects.toThrow("enough");
    await nothingIsStored();
  });
});
