import { createDecryptDeks } from "@dekhand/deks";
import { open } from "@dekhand/envelope";
import { createMetrics, systemClock } from "@dekhand/runtime";
import { type Loser, splitDebt } from "@dekhand/store";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { apart, home, type RecoveryRegions, related, startRecoveryRegions } from "../testing/recovery-regions.ts";
import { failback } from "./failback.ts";
import type { FailbackOptions, FailbackStep } from "./failback-types.ts";
import { listLosers } from "./list-losers.ts";
import { planFailback } from "./plan-failback.ts";
import { type Divided, divide } from "./testing/divided.ts";

let regions: RecoveryRegions;
beforeAll(async () => {
  regions = await startRecoveryRegions();
});
afterAll(() => regions?.[Symbol.asyncDispose]());
afterEach(() => regions.aws.control.clearFaults());

const both = [home, related];

/** A home that was cut off, and another one that was made instead. */
async function parted(divided: Divided, during: () => Promise<void> = async () => undefined): Promise<void> {
  await divided.deployment.stores(home).state.getOrCreateHome("people", home);
  regions.aws.control.cutOff(home, true);
  await divided.failover(related);
  await during();
  regions.aws.control.cutOff(home, false);
}

async function requireSame(divided: Divided, recordId: string, sealId?: string): Promise<void> {
  const [first, ...others] = await divided.heads(recordId, both);
  expect(first).toBeDefined();
  for (const other of others) expect(other).toEqual(first);
  if (sealId !== undefined) expect(first?.sealId).toBe(sealId);
  for (const region of both) expect(await divided.deployment.open(region, recordId)).toMatch(/^written in /);
}

/** Opens a record that lost, where it is kept. */
async function openLost({ deployment }: Divided, { region, recordId, sealId }: Loser): Promise<string> {
  const { stores, keys } = deployment;
  const record = await stores(region).records.getLost(recordId, sealId);
  if (!record) throw new Error("it is not kept");
  const metrics = createMetrics({ service: "test" });
  const deks = createDecryptDeks({ region, keys, kms: regions.kms(region), store: stores(region).deks, metrics });
  try {
    using lease = await deks.acquire({ dekId: record.dekId, context: record.context });
    return open(lease.dek, record.envelope, record).toString();
  } finally {
    deks.close();
  }
}

const losersOf = async ({ deployment }: Divided, where: readonly string[] = both) =>
  (await listLosers(where, (region) => deployment.stores(region).state)).losers;

/** A debt item of the Region that took over. */
async function owe({ deployment }: Divided, recordId: string): Promise<void> {
  const debt = { region: home, recordIds: [recordId], dekIds: [], at: new Date().toISOString() };
  await deployment.stores(related).state.putDebt(splitDebt(debt));
}

describe("a failback", () => {
  it("leaves both Regions with the same records, what was written on both sides settled, the losers kept and listed", async () => {
    // The home is lost long after the first records were written.
    const clock = { ...systemClock, now: () => Date.now() + 3_600_000 };
    using divided = await divide(regions, { clock });
    const { write, deployment } = divided;
    const shared = await write(home);
    const replaced = await write(home, { revision: 1 });
    await deployment.replicate({ region: related, recordIds: [shared.recordId, replaced.recordId] });
    const unpaid = await write(home);
    const [once, twice] = [await write(home), await write(home, { revision: 5 })];
    let late: Awaited<ReturnType<typeof write>> | undefined;
    const there: Awaited<ReturnType<typeof write>>[] = [];
    await parted(divided, async () => {
      there.push(await write(related, { epoch: 2 }));
      there.push(await write(related, { epoch: 2, recordId: replaced.recordId, revision: 2 }));
      there.push(await write(related, { epoch: 2, recordId: once.recordId }));
      there.push(await write(related, { epoch: 2, recordId: twice.recordId, revision: 4 }));
    });
    // The old home does not know yet.
    late = await write(home);

    const { groups } = await divided.failback(home);
    expect(groups).toMatchObject([{ kind: "returned", missing: [], failures: [], moved: [{ epoch: 3, untold: [] }] }]);
    expect(groups[0]?.settled).toMatchObject({ copied: 2, contested: 2, failed: 0 });
    for (const record of [shared, unpaid, late, twice]) await requireSame(divided, record.recordId, record.sealId);
    for (const record of there.slice(0, 3)) await requireSame(divided, record.recordId, record.sealId);

    const losers = await losersOf(divided);
    const lost = [once, there[3]].map((record) => [record?.recordId, record?.sealId, record?.epoch]);
    expect(losers.map(({ recordId, sealId, epoch }) => [recordId, sealId, epoch])).toEqual(
      expect.arrayContaining(lost),
    );
    expect(losers).toHaveLength(2);
    expect(await losersOf(divided, [home])).toEqual(losers);
    expect(await losersOf(divided, [related])).toEqual(losers);
    for (const loser of losers) expect(await openLost(divided, loser)).toBe(`written in ${loser.region}`);
    for (const region of divided.deps.regions) {
      expect(await deployment.stores(region).state.getHome("people")).toMatchObject({ region: home, epoch: 3 });
    }
  });

  it("that is run again changes nothing", async () => {
    using divided = await divide(regions);
    const record = await divided.write(home);
    await parted(divided, async () => void (await divided.write(related, { epoch: 2, recordId: record.recordId })));
    await divided.failback(home);
    const before = await divided.heads(record.recordId, both);
    expect(await divided.failback(home)).toEqual({ to: home, groups: [] });
    expect(await divided.heads(record.recordId, both)).toEqual(before);
    expect(await losersOf(divided)).toHaveLength(1);
  });

  it("that ended after the home was moved goes on with what was written to the other Region meanwhile", async () => {
    using divided = await divide(regions);
    await parted(divided);
    const stop = new AbortController();
    const onStep = ({ step }: { readonly step: string }) => step === "follow" && stop.abort(new RangeError("killed"));
    await expect(divided.failback(home, {}, { signal: stop.signal, onStep })).rejects.toThrow("killed");
    expect(await divided.deployment.stores(home).state.getHome("people")).toMatchObject({ region: home, epoch: 3 });
    const late = await divided.write(related, { epoch: 2 });

    expect((await divided.failback(home)).groups).toMatchObject([{ kind: "returned", from: home, moved: [] }]);
    await requireSame(divided, late.recordId, late.sealId);
    expect((await divided.failback(home)).groups).toEqual([]);
  });

  it("that dies while it settles is gone on with, and nothing is lost", async () => {
    using divided = await divide(regions);
    const written = await Promise.all(Array.from({ length: 40 }, () => divided.write(home)));
    await parted(divided);
    const stop = new AbortController();
    const onSettled = () => stop.abort(new RangeError("killed"));
    await expect(divided.failback(home, {}, { signal: stop.signal, onSettled })).rejects.toThrow("killed");
    expect((await divided.failback(home)).groups).toMatchObject([{ kind: "returned" }]);
    for (const { recordId, sealId } of written) await requireSame(divided, recordId, sealId);
  });

  it("does not move the home before all debt is paid, unless somebody answers for it", async () => {
    using divided = await divide(regions);
    const { write } = divided;
    const { state } = divided.deployment.stores(related);
    let owed = "";
    await parted(divided, async () => {
      owed = (await write(related, { epoch: 2 })).recordId;
      const { recordId } = await write(related, { epoch: 2 });
      await divided.change("records", { region: related, id: recordId, name: "head" }, { size: { S: "none" } });
      await owe(divided, recordId);
    });
    const { groups } = await divided.failback(home);
    expect(groups).toMatchObject([
      { kind: "incomplete", moved: [], missing: expect.arrayContaining([expect.stringMatching("not being paid")]) },
    ]);
    expect(await state.getHome("people")).toMatchObject({ region: related, epoch: 2 });

    const accepted = await divided.failback(home, { acceptIncomplete: "it hurries" });
    expect(accepted.groups).toMatchObject([{ kind: "incomplete", moved: [{ epoch: 3 }] }]);
    await requireSame(divided, owed);
    const { entries } = await state.listAudit({ limit: 1 });
    expect(entries[0]).toMatchObject({ act: "failback", facts: { accepted: "it hurries", outcome: "done" } });
  });

  it("pays here what replicators leave, as the debt of a record that was written in both Regions", async () => {
    using divided = await divide(regions);
    const record = await divided.write(home);
    await parted(divided, async () => {
      await divided.write(related, { epoch: 2, recordId: record.recordId });
      await owe(divided, record.recordId);
    });
    const { groups } = await divided.failback(home, {}, { pay: false });
    expect(groups).toMatchObject([{ kind: "returned", missing: [], settled: { contested: 1, failed: 0 } }]);
    await requireSame(divided, record.recordId);
  });

  it("can be asked to settle alone, and leaves the home where it is", async () => {
    using divided = await divide(regions);
    const record = await divided.write(home);
    await parted(divided);
    expect((await divided.failback(home, {}, { keepHome: true })).groups).toMatchObject([
      { kind: "settled", moved: [] },
    ]);
    await requireSame(divided, record.recordId, record.sealId);
    expect(await divided.deployment.stores(home).state.getHome("people")).toMatchObject({ region: related, epoch: 2 });
  });

  it("gives the home the debt that the other Region had to a third one", async () => {
    using divided = await divide(regions);
    const { stores } = divided.deployment;
    await parted(divided, async () => {
      const { recordId, dekId } = await divided.write(related, { epoch: 2 });
      const debt = { recordIds: [recordId], dekIds: [dekId], at: new Date().toISOString() };
      await stores(related).state.putDebt(splitDebt({ ...debt, region: apart }));
    });
    await divided.failback(home);
    expect(await stores(related).state.debtStatus(apart)).toMatchObject({ items: 0 });
    const { entries } = await stores(home).state.listDebt(apart);
    for (const { recordIds, dekIds } of entries)
      await divided.deployment.replicate({ region: apart, recordIds, dekIds });
    expect(entries.flatMap(({ recordIds }) => recordIds).length).toBeGreaterThan(0);
    for (const recordId of entries.flatMap(({ recordIds }) => recordIds)) {
      expect(await divided.deployment.open(apart, recordId)).toBe(`written in ${related}`);
    }
  });

  it("settles a third Region as well, which has what the home had brought to it and to no other", async () => {
    using divided = await divide(regions);
    const { write, deployment } = divided;
    const [once, only] = [await write(home), await write(home)];
    await deployment.replicate({ region: apart, recordIds: [once.recordId, only.recordId] });
    let winner: Awaited<ReturnType<typeof write>> | undefined;
    await parted(divided, async () => {
      winner = await write(related, { epoch: 2, recordId: once.recordId });
    });
    await divided.failback(home);
    await requireSame(divided, only.recordId, only.sealId);
    await requireSame(divided, once.recordId, winner?.sealId);
    expect((await deployment.stores(apart).records.getHead(once.recordId))?.sealId).toBe(winner?.sealId);
    expect(await losersOf(divided)).toMatchObject([{ recordId: once.recordId, sealId: once.sealId }]);
  });

  it("is not at its end before every Region knows of the home, and is gone on with until then", async () => {
    using divided = await divide(regions);
    const { profile, stores } = divided.deployment;
    const { [apart]: _, ...replicas } = profile.replicas;
    const deps = { ...divided.deps, profiles: { people: { ...profile, replicas } } };
    await parted(divided);
    const run = async (options: FailbackOptions) => {
      const plan = await planFailback({ to: home }, deps, { deadlineMs: 2_000 });
      return failback(plan, { actor: "ann" }, deps, { followMs: 0, patienceMs: 0, pay: true, ...options });
    };
    // It turns silent between the plan and the move, and has no records of these profiles.
    const onStep = ({ step }: FailbackStep) => step === "move" && regions.aws.control.cutOff(apart, true);
    const { groups } = await run({ onStep });
    expect(groups).toMatchObject([{ kind: "incomplete", moved: [{ epoch: 3, untold: [{ region: apart }] }] }]);
    expect(groups[0]?.missing).toEqual([expect.stringMatching(`${apart} could not be told`)]);

    regions.aws.control.cutOff(apart, false);
    const steps: string[] = [];
    const again = await run({ onStep: ({ step }) => steps.push(step) });
    expect(again.groups).toMatchObject([{ kind: "returned", from: home, missing: [] }]);
    expect(await stores(apart).state.getHome("people")).toMatchObject({ region: home, epoch: 3 });
    // Its services take as long to follow as any other's.
    expect(steps.indexOf("follow")).toBeLessThan(steps.indexOf("finish"));
    expect(steps).toContain("follow");
    expect((await run({})).groups).toEqual([]);
  });

  it("is refused while one of the two Regions does not answer", async () => {
    using divided = await divide(regions);
    await parted(divided);
    regions.aws.control.cutOff(home, true);
    await expect(divided.failback(home)).rejects.toMatchObject({
      code: "RECOVERY_REFUSED",
      message: expect.stringMatching(`${home} does not answer`),
    });
  });

  it("with global tables settles nothing, and asks for the word that the home that is left has been stopped", async () => {
    using divided = await divide(regions, { mode: "global" });
    regions.aws.control.cutOff(home, true);
    await divided.failover(related, { oldHomeStopped: "ann, at 10:31" });
    regions.aws.control.cutOff(home, false);
    await expect(divided.failback(home)).rejects.toMatchObject({ code: "RECOVERY_REFUSED" });
    const { groups } = await divided.failback(home, { oldHomeStopped: "bob, at 11:02" });
    expect(groups).toMatchObject([{ kind: "returned", moved: [{ epoch: 3 }], settled: { looked: 0 } }]);
  });

  it("is a planned move, too: to any Region of the profile, with everything in it before", async () => {
    using divided = await divide(regions);
    const record = await divided.write(home);
    const { groups } = await divided.failback(related, {}, { profiles: ["people"] });
    expect(groups).toMatchObject([{ kind: "returned", from: home, moved: [{ to: related, epoch: 2 }] }]);
    await requireSame(divided, record.recordId, record.sealId);
  });
});
