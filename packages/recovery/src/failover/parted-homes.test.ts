import { createProfileHomes } from "@dekhand/deks";
import { createLogger, systemClock } from "@dekhand/runtime";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  apart,
  bridged,
  home,
  type RecoveryRegions,
  related,
  startRecoveryRegions,
} from "../testing/recovery-regions.ts";
import { listLosers } from "./list-losers.ts";
import { type Divided, divide } from "./testing/divided.ts";

let regions: RecoveryRegions;
beforeAll(async () => {
  regions = await startRecoveryRegions();
});
afterAll(() => regions?.[Symbol.asyncDispose]());
afterEach(() => regions.aws.control.clearFaults());

const hourMs = 3_600_000;
const logger = createLogger({ service: "test", level: "silent" });

/** Fails over with these Regions cut off, which hear nothing of it. */
async function failover(divided: Divided, to: string, away: readonly string[]): Promise<void> {
  for (const region of away) regions.aws.control.cutOff(region, true);
  await divided.failover(to);
  for (const region of away) regions.aws.control.cutOff(region, false);
}

/** What a replicator does whose control Region is the one that it copies from. */
async function replicate({ deployment }: Divided, from: string, to: string, recordIds: readonly string[]) {
  const { profile, stores, parts } = deployment;
  const homes = createProfileHomes({ profiles: { people: profile }, state: stores(from).state, logger });
  try {
    return await deployment.replicate({ region: to, recordIds }, { home: parts(from), homes });
  } finally {
    homes.close();
  }
}

const losersOf = async ({ deployment }: Divided) => {
  const { losers } = await listLosers([home, related, apart], (region) => deployment.stores(region).state);
  return losers.map(({ recordId, sealId, region }) => ({ recordId, sealId, region }));
};

const sealAt = async ({ deployment }: Divided, region: string, recordId: string) =>
  (await deployment.stores(region).records.getHead(recordId))?.sealId;

describe("what the new home replicates to the old one", () => {
  it("replaces a lower revision that was acknowledged there after the failover only once it is kept and listed", async () => {
    using divided = await divide(regions);
    await divided.deployment.stores(home).state.getOrCreateHome("people", home);
    await failover(divided, related, [home]);
    const late = await divided.write(home, { revision: 1 });
    const { recordId } = late;
    const next = await divided.write(related, { epoch: 2, recordId, revision: 2 });
    const { arrived } = await replicate(divided, related, home, [recordId]);
    expect(arrived.recordIds).toEqual([recordId]);
    expect(await sealAt(divided, home, recordId)).toBe(next.sealId);
    const lost = [{ recordId, sealId: late.sealId, region: home }];
    expect(await losersOf(divided)).toEqual(lost);
    expect(await divided.deployment.stores(home).records.getLost(recordId, late.sealId)).toMatchObject({
      envelope: late.envelope,
    });
    await divided.failback(home);
    expect(await losersOf(divided)).toEqual(lost);
  });

  it("replaces a lower revision of before the failover, and one of its own, without a word", async () => {
    using divided = await divide(regions, { clock: { ...systemClock, now: () => Date.now() + hourMs } });
    const first = await divided.write(home, { revision: 1 });
    const { recordId } = first;
    await divided.deployment.replicate({ region: related, recordIds: [recordId] });
    await failover(divided, related, [home]);
    for (const revision of [2, 3]) {
      const next = await divided.write(related, { epoch: 2, recordId, revision });
      await replicate(divided, related, home, [recordId]);
      expect(await sealAt(divided, home, recordId)).toBe(next.sealId);
    }
    expect(await losersOf(divided)).toEqual([]);
  });
});

describe("two Regions that are homes under one epoch", () => {
  it("lose nothing to each other, and what each has stored is settled when one of them is the home", async () => {
    using divided = await divide(regions);
    await failover(divided, related, [home, apart, bridged]);
    await failover(divided, apart, [home, related]);
    const [once, lower] = [
      await divided.write(related, { epoch: 2 }),
      await divided.write(apart, { epoch: 2, revision: 1 }),
    ];
    const twice = await divided.write(apart, { epoch: 2, recordId: once.recordId });
    const higher = await divided.write(related, { epoch: 2, recordId: lower.recordId, revision: 2 });

    const { arrived, failed } = await replicate(divided, related, apart, [once.recordId, lower.recordId]);
    expect(failed).toMatchObject([{ id: once.recordId, code: "RECOVERY_WRITTEN_TWICE" }]);
    expect(await sealAt(divided, apart, once.recordId)).toBe(twice.sealId);
    expect(arrived.recordIds).toEqual([lower.recordId]);
    expect(await sealAt(divided, apart, lower.recordId)).toBe(higher.sealId);
    const lost = { recordId: lower.recordId, sealId: lower.sealId, region: apart };
    expect(await losersOf(divided)).toEqual([lost]);

    await divided.failover(apart, { force: true, reason: "two at once" });
    expect(await divided.deployment.stores(apart).state.getHome("people")).toMatchObject({
      epoch: 3,
      earlier: [
        { epoch: 2, region: related },
        { epoch: 2, region: apart },
      ],
    });
    await divided.failback(home);
    const winner = await sealAt(divided, home, once.recordId);
    const loser = [once, twice].find(({ sealId }) => sealId !== winner);
    expect(await losersOf(divided)).toHaveLength(2);
    expect(await losersOf(divided)).toEqual(
      expect.arrayContaining([lost, expect.objectContaining({ recordId: once.recordId, sealId: loser?.sealId })]),
    );
    for (const region of [related, apart]) {
      expect(await sealAt(divided, region, once.recordId)).toBe(winner);
      expect(await sealAt(divided, region, lower.recordId)).toBe(higher.sealId);
    }
  });

  it("have a loser kept as well where a failback is the first to see both of its revisions", async () => {
    using divided = await divide(regions);
    await failover(divided, related, [home, apart, bridged]);
    await failover(divided, apart, [home, related]);
    const lower = await divided.write(related, { epoch: 2, revision: 1 });
    const { recordId } = lower;
    const higher = await divided.write(apart, { epoch: 2, recordId, revision: 2 });
    await divided.failover(apart, { force: true, reason: "two at once" });
    await divided.failback(home);
    for (const region of [home, related, apart]) expect(await sealAt(divided, region, recordId)).toBe(higher.sealId);
    expect(await losersOf(divided)).toEqual([{ recordId, sealId: lower.sealId, region: related }]);
  });
});

describe("one failover after another", () => {
  it("forgets nothing that the first home acknowledged after it was parted", async () => {
    let aheadMs = 0;
    using divided = await divide(regions, { clock: { ...systemClock, now: () => Date.now() + aheadMs } });
    await failover(divided, related, [home]);
    const late = await divided.write(home, { revision: 1 });
    const { recordId } = late;
    aheadMs = hourMs;
    await failover(divided, apart, [home, related]);
    const next = await divided.write(apart, { epoch: 3, recordId, revision: 2 });
    await divided.failback(home);
    for (const region of [home, apart]) expect(await sealAt(divided, region, recordId)).toBe(next.sealId);
    expect(await losersOf(divided)).toEqual([{ recordId, sealId: late.sealId, region: home }]);
  });
});

describe("debt that an old home has left", () => {
  it("does not bring a record back under the DEK that it was sealed anew to leave", async () => {
    using divided = await divide(regions);
    const { deployment } = divided;
    const old = await divided.write(home);
    const { recordId, jobId } = old;
    // Its own process, hence a younger DEK.
    const fresh = await deployment.write({ recordId: "fresh", jobId, text: "written in us-east-1" });
    expect(fresh.dekId > old.dekId).toBe(true);
    await deployment.replicate({ region: related, recordIds: [recordId, "fresh"] });
    const there = await deployment.stores(related).records.get(recordId);
    if (!there) throw new Error("it has arrived");
    const resealed = { dekId: fresh.dekId, sealId: fresh.sealId, envelope: fresh.envelope };
    expect(await deployment.stores(related).records.reseal(there, resealed)).toBe("replaced");
    const { ahead } = await deployment.replicate({ region: related, recordIds: [recordId] });
    expect(ahead.recordIds).toEqual([recordId]);
    expect((await deployment.stores(related).records.getHead(recordId))?.dekId).toBe(fresh.dekId);
  });
});
