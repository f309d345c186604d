import type { DekStore, StoredRecord } from "@dekhand/store";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CampaignRegion, region, startCampaignRegion } from "../testing/campaign-region.ts";
import { concludeReseal } from "./conclude-reseal.ts";
import { countHeadsUnder } from "./count-heads.ts";
import { markRetiring } from "./mark-retiring.ts";
import type { ResealRegion } from "./reseal-region.ts";
import type { ResealSelection } from "./reseal-selection.ts";
import { resealWaitMs } from "./reseal-wait.ts";
import { reviveDek, reviveNamed } from "./revive-deks.ts";
import { runResealSegment } from "./run-reseal-segment.ts";
import { type SealedRecords, sealedRecords, textOf } from "./testing/sealed-records.ts";

describe("the statuses of a reseal", () => {
  let home: CampaignRegion;
  let tables: SealedRecords;
  let regions: readonly ResealRegion[];

  beforeAll(async () => {
    home = await startCampaignRegion();
  });
  beforeEach(async () => {
    tables = await sealedRecords(home);
    regions = [{ region, ...tables.stores }];
  });
  afterEach(() => tables[Symbol.dispose]());
  afterAll(() => home[Symbol.asyncDispose]());

  const dekOf = ([first]: readonly StoredRecord[]) => first?.dekId ?? "";
  const statusOf = async (dekId: string) => (await tables.stores.deks.getSummary(dekId))?.status;
  const reseal = async (selection: ResealSelection) => {
    const { id: campaignId } = await tables.campaign(selection);
    const deps = { campaigns: tables.campaigns, access: tables.resealing.access };
    return runResealSegment({ campaignId, segment: 1 }, deps, { owner: crypto.randomUUID() });
  };
  const waitMs = 1_000;
  /** As if the wait were over. */
  const later = () => new Date(Date.now() + 60_000);

  it("marking sets the selected DEKs retiring, once, and tells which ids no Region has", async () => {
    const [leaked, other] = [dekOf(await tables.seal(1)), dekOf(await tables.seal(1))];
    const unknown = leaked.replace(/....$/, "0000");
    const selection = { deks: [leaked, unknown] };
    expect(await markRetiring(selection, { regions })).toMatchObject({ marked: 1, already: 0, missing: [unknown] });
    const first = await tables.stores.deks.getSummary(leaked);
    expect(await markRetiring(selection, { regions, now: later })).toMatchObject({ marked: 0, already: 1 });
    expect(await tables.stores.deks.getSummary(leaked)).toEqual(first);
    expect([first?.status, await statusOf(other)]).toEqual(["retiring", "active"]);
  });

  it("marking the aged ones takes those of the profile that were born before the instant, from all segments", async () => {
    const before = await Promise.all(Array.from({ length: 9 }, () => tables.seal(1)));
    const createdBefore = new Date(Date.now() + 1).toISOString();
    await expect.poll(() => new Date().toISOString() > createdBefore, { interval: 1 }).toBe(true);
    const after = await tables.seal(1);
    expect(await markRetiring({ profile: "other", createdBefore }, { regions })).toMatchObject({ marked: 0 });
    expect(await markRetiring({ profile: tables.profile.name, createdBefore }, { regions })).toMatchObject({
      marked: 9,
    });
    for (const records of before) expect(await statusOf(dekOf(records))).toBe("retiring");
    expect(await statusOf(dekOf(after))).toBe("active");
  });

  it("a reseal is not concluded before its DEKs are marked, nor before the wait is over, nor while a head names one", async () => {
    const leaked = await tables.seal(3);
    const selection = { deks: [dekOf(leaked)] };
    const conclude = (now?: () => Date) => concludeReseal(selection, { regions, waitMs, ...(now ? { now } : {}) });
    expect(await conclude(later)).toEqual({ kind: "unmarked", deks: 1 });
    await markRetiring(selection, { regions });
    const { statusAt = "" } = (await tables.stores.deks.getSummary(dekOf(leaked))) ?? {};
    const until = new Date(Date.parse(statusAt) + waitMs).toISOString();
    expect(await conclude(() => new Date(Date.parse(until) - 1))).toEqual({ kind: "too-early", until });
    expect(await conclude(later)).toEqual({ kind: "named", counted: [{ region, heads: 3, malformed: 0 }] });
    expect(await statusOf(dekOf(leaked))).toBe("retiring");

    expect(await reseal(selection)).toMatchObject({ kind: "done", segment: { counts: { resealed: 3 } } });
    expect(await conclude(later)).toMatchObject({ kind: "concluded", retired: 1 });
    expect(await statusOf(dekOf(leaked))).toBe("retired");
    expect(await conclude(later)).toMatchObject({ kind: "concluded", retired: 0 });
    for (const record of leaked) {
      expect(await tables.text(record.recordId)).toBe(textOf(record.recordId));
      // What a backup brings back opens still.
      expect(await tables.text(record.recordId, record)).toBe(textOf(record.recordId));
    }
  });

  it("a record in any Region keeps the DEK from being retired", async () => {
    const leaked = await tables.seal(2);
    const selection = { deks: [dekOf(leaked)] };
    const copy = await sealedRecords(home);
    await copy.stores.records.put(leaked);
    const both = [...regions, { region: "eu-west-1", ...copy.stores }];
    await markRetiring(selection, { regions: both });
    await reseal(selection);
    expect(await concludeReseal(selection, { regions: both, waitMs, now: later })).toEqual({
      kind: "named",
      counted: [
        { region, heads: 0, malformed: 0 },
        { region: "eu-west-1", heads: 2, malformed: 0 },
      ],
    });
    copy[Symbol.dispose]();
  });

  it("a DEK of before the instant that is born in the last moment keeps the reseal open", async () => {
    const createdBefore = new Date(Date.now() + 1_000).toISOString();
    const selection = { profile: tables.profile.name, createdBefore };
    await markRetiring(selection, { regions });
    expect(await concludeReseal(selection, { regions, waitMs: 0 })).toEqual({
      kind: "too-early",
      until: createdBefore,
    });
    await tables.seal(1);
    expect(await concludeReseal(selection, { regions, waitMs: 0, now: later })).toEqual({ kind: "unmarked", deks: 1 });
  });

  it("a retired DEK under which a record turns up is retiring again, so that the next reseal takes it", async () => {
    const [late, gone] = [await tables.seal(2), await tables.seal(1)];
    const retire = async (dekId: string) => {
      const at = new Date().toISOString();
      await tables.stores.deks.setStatus(dekId, { from: "active", to: "retiring", at });
      await tables.stores.deks.setStatus(dekId, { from: "retiring", to: "retired", at });
    };
    await reseal({ deks: [dekOf(gone)] });
    await Promise.all([retire(dekOf(late)), retire(dekOf(gone))]);
    expect(await reviveNamed({ regions })).toEqual({ count: 1, deks: [dekOf(late)] });
    expect(await reviveNamed({ regions })).toEqual({ count: 0, deks: [] });
    expect([await statusOf(dekOf(late)), await statusOf(dekOf(gone))]).toEqual(["retiring", "retired"]);
    expect(await reviveDek(dekOf(gone), { regions })).toBe(true);
    expect(await reviveDek(dekOf(gone), { regions })).toBe(false);
    expect(await reseal({ deks: [dekOf(late)] })).toMatchObject({ segment: { counts: { resealed: 2 } } });
  });

  it("counts the heads under a selection, by ids also where the DEK itself is gone", async () => {
    const [some, others] = [await tables.seal(4), await tables.seal(3)];
    const createdBefore = later().toISOString();
    const count = async (selection: ResealSelection, deks: DekStore = tables.stores.deks) =>
      (await countHeadsUnder(selection, [{ region, ...tables.stores, deks }], { segments: 3 })).map(
        ({ heads }) => heads,
      );
    expect(await count({ deks: [dekOf(some)] })).toEqual([4]);
    expect(await count({ profile: tables.profile.name, createdBefore })).toEqual([7]);
    expect(await count({ profile: "other", createdBefore })).toEqual([0]);
    const empty = { ...tables.stores.deks, getSummary: async () => undefined };
    expect(await count({ deks: [dekOf(others)] }, empty)).toEqual([3]);
  });

  it("the wait is that of the longest use, and the job's after it", () => {
    const reuse = (ageMs: number) => ({ records: 1, bytes: 1, ageMs });
    const profiles = { a: { name: "a", reuse: reuse(60_000) }, b: { name: "b", reuse: reuse(5_000) } };
    const facts = { profiles, jobDeadlineMs: 120_000 };
    expect(resealWaitMs({ deks: ["x"] }, facts)).toBe(30_000 + 60_000 + 120_000);
    expect(resealWaitMs({ profile: "b", createdBefore: "" }, facts)).toBe(30_000 + 5_000 + 120_000);
    expect(resealWaitMs({ profile: "gone", createdBefore: "" }, facts)).toBe(30_000 + 60_000 + 120_000);
  });
});
