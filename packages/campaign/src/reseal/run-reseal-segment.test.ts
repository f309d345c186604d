import type { Campaign, RecordStore } from "@dekhand/store";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { applyTrigger } from "../apply-trigger.ts";
import { addCounts } from "../rewrap-counts.ts";
import type { SegmentRun } from "../run-segment.ts";
import { type CampaignRegion, startCampaignRegion } from "../testing/campaign-region.ts";
import { createKillSwitch } from "../testing/kill-switch.ts";
import { dekOf, type ResealRuns, resealRuns } from "./testing/reseal-runs.ts";
import { type SealedRecords, sealedRecords, textOf } from "./testing/sealed-records.ts";

/** More than an item holds. */
const inParts = { padding: 500_000 };
const act = () => ({ at: new Date().toISOString(), actor: "test", reason: "test" });

describe("a segment of records", () => {
  let home: CampaignRegion;
  let tables: SealedRecords;
  let runs: ResealRuns;
  let campaign: Campaign;

  beforeAll(async () => {
    home = await startCampaignRegion();
  });
  beforeEach(async () => {
    home.aws.control.clearFaults();
    tables = await sealedRecords(home);
    runs = resealRuns(tables);
  });
  afterEach(() => tables[Symbol.dispose]());
  afterAll(() => home[Symbol.asyncDispose]());

  it("of 300 records under several DEKs: those of a leaked one are under new ones, all others untouched", async () => {
    const small = await tables.seal(95);
    const leakedDek = dekOf(small);
    const large = await tables.seal(3, inParts);
    const others = [
      ...(await tables.seal(100)),
      ...(await tables.seal(100, { tenant: "b" })),
      ...(await tables.seal(2)),
    ];
    campaign = await tables.campaign({ deks: [leakedDek, dekOf(large)] }, 4);
    const ended = await Promise.all([1, 2, 3, 4].map((segment) => runs.run(campaign.id, { segment, pageSize: 40 })));
    const counts = ended.map((one) => (one.kind === "done" ? one.segment.counts : {}));
    expect(addCounts(counts)).toEqual({ scanned: 300, resealed: 98, other: 202 });
    await runs.requireResealed([...small, ...large]);
    await runs.requireUntouched(others);
    // One DEK for one worker, profile and scope.
    const now = await Promise.all(small.map(({ recordId }) => tables.stored(recordId)));
    expect(new Set(now.map(({ dekId }) => dekId)).size).toBe(1);
  });

  it("owes each replica Region what was sealed again, and nothing else", async () => {
    const key = `alias/${crypto.randomUUID()}`;
    const replica = {
      region: "ap-southeast-2",
      key,
      retiring: [],
      strategy: "encrypt",
      recoveryPointMs: 60_000,
    } as const;
    using replicated = await sealedRecords(home, { replicas: [replica, { ...replica, region: "eu-west-1" }] });
    const leaked = await replicated.seal(12);
    await replicated.seal(5);
    const { id } = await replicated.campaign({ deks: [dekOf(leaked)] });
    expect(await resealRuns(replicated).run(id)).toMatchObject({ segment: { counts: { scanned: 17, resealed: 12 } } });
    for (const region of ["ap-southeast-2", "eu-west-1"]) {
      const { entries } = await replicated.stores.state.listDebt(region);
      const owed = entries.flatMap(({ recordIds }) => recordIds);
      expect(owed.toSorted()).toEqual(leaked.map(({ recordId }) => recordId).toSorted());
    }
  });

  it("of aged DEKs: a profile's records under DEKs born before the instant, and no others", async () => {
    const old = [...(await tables.seal(5, { tenant: "b" })), ...(await tables.seal(5))];
    const instant = await laterInstant();
    const young = await tables.seal(5);
    campaign = await tables.campaign({ profile: tables.profile.name, createdBefore: instant });
    expect(await runs.run(campaign.id)).toMatchObject({
      kind: "done",
      segment: { counts: { scanned: 15, resealed: 10, other: 5 } },
    });
    await runs.requireResealed(old);
    await runs.requireUntouched(young);
    campaign = await tables.campaign({ profile: "other", createdBefore: instant });
    expect(await runs.run(campaign.id)).toMatchObject({ segment: { counts: { scanned: 15, other: 15 } } });
  });

  it("keeps a revision that arrives while its record is sealed again", async () => {
    const leaked = await tables.seal(6, { revision: 1 });
    const [overtaken] = leaked;
    if (!overtaken) throw new TypeError("six were sealed");
    campaign = await tables.campaign({ deks: [dekOf(leaked)] });
    const reseal: RecordStore["reseal"] = async (record, next, options) => {
      if (record.recordId === overtaken.recordId) await tables.seal(1, { recordId: record.recordId, revision: 2 });
      return tables.stores.records.reseal(record, next, options);
    };
    expect(await runs.run(campaign.id, { access: runs.recordsWith({ reseal }) })).toMatchObject({
      segment: { counts: { scanned: 6, resealed: 5, conflict: 1 } },
    });
    expect(await tables.text(overtaken.recordId)).toBe(textOf(overtaken.recordId, 2));
    await runs.requireResealed(leaked.slice(1));
  });

  it("takes a revision that came under the same DEK after the head was read", async () => {
    const leaked = await tables.seal(3);
    campaign = await tables.campaign({ deks: [dekOf(leaked)] });
    const records = tables.stores.records;
    const moved: RecordStore["scanHeads"] = async (segment, options) => {
      const page = await records.scanHeads(segment, options);
      return { ...page, heads: page.heads.map((head) => ({ ...head, sealId: "ab".repeat(24) })) };
    };
    expect(await runs.run(campaign.id, { access: runs.recordsWith({ scanHeads: moved }) })).toMatchObject({
      segment: { counts: { resealed: 3 } },
    });
    await runs.requireResealed(leaked);
  });

  it("that is killed at any point and run again by another seals no record again twice", async () => {
    const leaked = [...(await tables.seal(6)), ...(await tables.seal(1, inParts))];
    campaign = await tables.campaign({ deks: [...new Set(leaked.map(({ dekId }) => dekId))] });
    const replaced = new Map<string, number>();
    const reseal: RecordStore["reseal"] = async (record, next, options) => {
      const outcome = await tables.stores.records.reseal(record, next, options);
      if (outcome === "replaced") replaced.set(record.recordId, (replaced.get(record.recordId) ?? 0) + 1);
      return outcome;
    };
    let deaths = 0;
    let last: SegmentRun | undefined;
    for (let calls = 1; last === undefined; calls += 1) {
      const kill = createKillSwitch(Math.ceil(calls / 2), calls % 2 === 0 ? "after" : "before");
      const { records } = runs.recordsWith({ reseal });
      last = await runs
        .run(campaign.id, {
          campaigns: kill.wrap(tables.campaigns),
          access: { records: kill.wrap(records) },
          pageSize: 3,
          concurrency: 2,
          signal: kill.signal,
        })
        .catch((error: unknown) => {
          if (error !== kill.signal.reason) throw error;
          deaths += 1;
          return undefined;
        });
    }
    expect(deaths).toBeGreaterThan(10);
    expect(last).toMatchObject({ kind: "done" });
    await runs.requireResealed(leaked);
    // A death may swallow the answer of a write that is under way, so that it was not counted; none counts twice.
    expect([...replaced.values()].filter((times) => times !== 1)).toEqual([]);
  });

  it("is finished by a second run after a pause in the middle, and nothing is done twice", async () => {
    const leaked = await tables.seal(12);
    campaign = await tables.campaign({ deks: [dekOf(leaked)] });
    let calls = 0;
    const get: RecordStore["get"] = async (recordId, options) => {
      calls += 1;
      if (calls <= 5) return tables.stores.records.get(recordId, options);
      // As a call that would take minutes.
      await new Promise((resolve) => options?.signal?.addEventListener("abort", resolve, { once: true }));
      return tables.stores.records.get(recordId, options);
    };
    const running = runs.run(campaign.id, {
      access: runs.recordsWith({ get }),
      pageSize: 100,
      concurrency: 2,
      lookEveryMs: 20,
    });
    await expect.poll(() => calls).toBeGreaterThan(5);
    campaign = await applyTrigger(tables.campaigns, campaign, { kind: "pause" }, act());
    expect(await running).toEqual({ kind: "halted", status: "paused" });
    const half = await Promise.all(leaked.map(({ recordId }) => tables.stored(recordId)));
    expect(half.filter(({ dekId }) => dekId !== dekOf(leaked))).toHaveLength(5);

    await applyTrigger(tables.campaigns, campaign, { kind: "resume" }, act());
    expect(await runs.run(campaign.id)).toMatchObject({
      kind: "done",
      segment: { counts: { scanned: 12, resealed: 7, other: 5 } },
    });
    await runs.requireResealed(leaked);
    const done = half.filter(({ dekId }) => dekId !== dekOf(leaked));
    await runs.requireUntouched(done);
  });

  it("that two or more work at once, one of them a zombie with an old page, comes to no harm", async () => {
    const leaked = await tables.seal(20);
    campaign = await tables.campaign({ deks: [dekOf(leaked)] });
    const zombie = Promise.withResolvers<void>();
    let sealed = 0;
    const late: RecordStore["reseal"] = async (...call) => {
      sealed += 1;
      await zombie.promise;
      return tables.stores.records.reseal(...call);
    };
    const old = runs.run(campaign.id, { access: runs.recordsWith({ reseal: late }), pageSize: 100 });
    await expect.poll(() => sealed).toBe(16);
    const ended = await Promise.all([1, 2].map(() => runs.run(campaign.id, { pageSize: 5, concurrency: 3 })));
    for (const { kind } of ended) expect(["done", "lost"]).toContain(kind);
    const before = await Promise.all(leaked.map(({ recordId }) => tables.stored(recordId)));
    zombie.resolve();
    expect(["lost", "done"]).toContain((await old).kind);
    await runs.requireUntouched(before);
    await runs.requireResealed(leaked);
    expect((await tables.campaigns.getSegment(campaign.id, 1))?.counts.scanned).toBe(20);
    expect(await tables.campaigns.countFailures(campaign.id)).toMatchObject({ open: 0 });
  });

  it("holds no more envelopes at once than there is room for, and gets through all the same", async () => {
    const leaked = await tables.seal(12, { padding: 20_000 });
    campaign = await tables.campaign({ deks: [dekOf(leaked)] });
    let held = 0;
    let most = 0;
    const get: RecordStore["get"] = (recordId, options) => {
      held += 1;
      most = Math.max(most, held);
      return tables.stores.records.get(recordId, options);
    };
    const reseal: RecordStore["reseal"] = (...call) => tables.stores.records.reseal(...call).finally(() => (held -= 1));
    await runs.run(campaign.id, { access: runs.recordsWith({ get, reseal }), pageSize: 100, roomBytes: 45_000 });
    expect(most).toBe(2);
    await runs.requireResealed(leaked);
  });
});

/** An instant after everything that was done until now, and before what is done next. */
async function laterInstant(): Promise<string> {
  const now = Date.now();
  await expect.poll(() => Date.now() > now + 1, { interval: 1 }).toBe(true);
  return new Date(now + 1).toISOString();
}
