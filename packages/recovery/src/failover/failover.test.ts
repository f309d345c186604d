import { DisableKeyCommand } from "@aws-sdk/client-kms";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { apart, home, type RecoveryRegions, related, startRecoveryRegions } from "../testing/recovery-regions.ts";
import { failover } from "./failover.ts";
import { noteDebts, readNotedDebt } from "./known-debt-note.ts";
import { spreadHome } from "./move-home.ts";
import { planFailover } from "./plan-failover.ts";
import { readHomes } from "./read-homes.ts";
import { divide } from "./testing/divided.ts";

let regions: RecoveryRegions;
beforeAll(async () => {
  regions = await startRecoveryRegions();
});
afterAll(() => regions?.[Symbol.asyncDispose]());
afterEach(() => regions.aws.control.clearFaults());

const force = { force: true, reason: "the Region is sick" };

describe("a failover", () => {
  it("needs nothing but the Region that it goes to, under a higher epoch, and tells the rest when it is run again", async () => {
    using divided = await divide(regions);
    const { stores, profile } = divided.deployment;
    await stores(home).state.getOrCreateHome(profile.name, home);
    const others = (await readHomes(divided.deps.regions, { stateOf: (region) => stores(region).state })).keys();
    for (const region of others) if (region !== related) regions.aws.control.cutOff(region, true);

    const { moved } = await divided.failover(related, { reason: "us-east-1 is gone" });
    expect(moved).toMatchObject([{ profile: "people", from: home, to: related, epoch: 2, told: [related] }]);
    expect(moved[0]?.untold.map(({ region }) => region)).toContain(home);
    const there = await stores(related).state.getHome(profile.name);
    expect(there).toMatchObject({ region: related, epoch: 2 });

    regions.aws.control.clearFaults();
    expect(await stores(home).state.getHome(profile.name)).toMatchObject({ region: home, epoch: 1 });
    const again = await divided.failover(related);
    expect(again.moved).toEqual([]);
    expect(again.there).toMatchObject([{ epoch: 2, untold: [] }]);
    for (const region of divided.deps.regions) expect(await stores(region).state.getHome(profile.name)).toEqual(there);
  });

  it("is recorded: who, when, why, and what was known", async () => {
    using divided = await divide(regions);
    const { stores } = divided.deployment;
    regions.aws.control.cutOff(home, true);
    await divided.failover(related, { actor: "ann", reason: "us-east-1 is gone" });
    for (const region of [related, apart]) {
      const { entries } = await stores(region).state.listAudit();
      expect(entries).toMatchObject([{ actor: "ann", act: "failover", at: expect.stringMatching(/^\d{4}-/) }]);
      expect(entries[0]?.facts).toMatchObject({
        ...{ profile: "people", from: home, to: related, epoch: "2", reason: "us-east-1 is gone" },
        ...{ oldHome: "does not answer", debt: "not known", outcome: "done" },
      });
    }
  });

  it("is refused while the old home answers, unless it is forced, with a reason", async () => {
    using divided = await divide(regions);
    const refused = { code: "RECOVERY_REFUSED" };
    await expect(divided.failover(related)).rejects.toMatchObject({ ...refused, message: expect.stringMatching(home) });
    await expect(divided.failover(related, { force: true })).rejects.toMatchObject(refused);
    expect(await divided.deployment.stores(related).state.listHomes()).toEqual([]);
    expect(await divided.failover(related, force)).toMatchObject({ moved: [{ epoch: 2, untold: [] }], failed: [] });
  });

  it("with global tables asks for the operator's word that the old home has been stopped, and records it", async () => {
    using divided = await divide(regions, { mode: "global" });
    regions.aws.control.cutOff(home, true);
    await expect(divided.failover(related)).rejects.toMatchObject({ code: "RECOVERY_REFUSED" });
    await divided.failover(related, { oldHomeStopped: "bob, at 10:31" });
    const { entries } = await divided.deployment.stores(related).state.listAudit();
    expect(entries[0]?.facts).toMatchObject({ oldHomeStopped: "bob, at 10:31", tables: "global" });
  });

  it("is refused for a Region whose key or tables cannot be used, and for one that no profile has", async () => {
    using divided = await divide(regions);
    const { stores, profile } = divided.deployment;
    await regions.kmsClient(apart).send(new DisableKeyCommand({ KeyId: profile.replicas[apart]?.key }));
    await expect(divided.failover(apart, force)).rejects.toMatchObject({
      message: expect.stringMatching("not enabled"),
    });
    regions.aws.control.injectErrors(related, { service: "dynamodb", errorName: "InternalServerError", status: 500 });
    await expect(divided.failover(related, force)).rejects.toMatchObject({ message: expect.stringMatching("tables") });
    await expect(divided.failover("us-west-2")).rejects.toMatchObject({ code: "RECOVERY_REFUSED" });
    regions.aws.control.clearFaults();
    expect(await stores(apart).state.listHomes()).toEqual([]);
  });

  it("of two at once to different Regions is noticed by who comes second, and settled by running one again", async () => {
    using divided = await divide(regions);
    const { stores, profile } = divided.deployment;
    regions.aws.control.cutOff(home, true);
    const plans = [related, apart].map((to) => planFailover({ to }, divided.deps, { deadlineMs: 1_000 }));
    const results = [];
    for (const plan of await Promise.all(plans)) results.push(await failover(plan, { actor: "ann" }, divided.deps));
    expect(results[0]).toMatchObject({ moved: [{ epoch: 2 }], failed: [] });
    expect(results[1]).toMatchObject({ moved: [], failed: [{ code: "RECOVERY_HOME_CONTESTED" }] });
    expect(await stores(apart).state.getHome(profile.name)).toMatchObject({ region: related, epoch: 2 });

    // Both at the very same moment: each Region is sure of itself.
    const since = "2026-11-23T10:00:00.000Z";
    for (const region of [related, apart]) {
      await stores(region).state.putHome({ profile: profile.name, region, epoch: 3, since }, { epoch: 2 });
    }
    const stateOf = (region: string) => stores(region).state;
    const readings = await readHomes([related, apart], { stateOf });
    const third = { profile: profile.name, region: related, epoch: 3, since };
    await expect(spreadHome(third, { stateOf }, { readings })).rejects.toMatchObject({
      code: "RECOVERY_HOME_CONTESTED",
      context: { region: apart },
    });
    await expect(divided.failback(home)).rejects.toMatchObject({ code: "RECOVERY_REFUSED" });
    expect(await divided.failover(related, force)).toMatchObject({ moved: [{ epoch: 4 }], failed: [] });
    expect(await stores(apart).state.getHome(profile.name)).toMatchObject({ region: related, epoch: 4 });
  });

  it("tells what the home owed, as of when: by the home, or by what the Region was last told", async () => {
    using divided = await divide(regions);
    const { stores } = divided.deployment;
    const debt = {
      asOf: "2026-11-23T10:00:00.000Z",
      items: 1,
      records: 7,
      deks: 2,
      malformed: 0,
      atLeast: false,
      lagMs: 1,
    };
    const noted = (asOf: string, records: number) => {
      const told = { told: true, value: { ...debt, asOf, records } } as const;
      return noteDebts([{ home, region: related, debt: told }], (region) => stores(region).state);
    };
    await noted(debt.asOf, 7);
    await noted("2026-11-23T09:00:00.000Z", 99);
    expect(await readNotedDebt(stores(related).state, { home, region: related })).toMatchObject({ records: 7 });

    expect((await planFailover({ to: related }, divided.deps)).debts).toMatchObject([
      { debt: { source: "home", records: 0 } },
    ]);
    regions.aws.control.cutOff(home, true);
    const { debts } = await planFailover({ to: related }, divided.deps, { deadlineMs: 1_000 });
    expect(debts).toMatchObject([{ home, debt: { source: "note", records: 7, asOf: debt.asOf } }]);
  });
});
