import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createKillSwitch } from "../testing/kill-switch.ts";
import {
  apart,
  bridged,
  home,
  type RecoveryDeployment,
  type RecoveryRegions,
  related,
  startRecoveryRegions,
} from "../testing/recovery-regions.ts";

const replicas = [related, apart, bridged];

let regions: RecoveryRegions;
let deployment: RecoveryDeployment;
beforeAll(async () => {
  regions = await startRecoveryRegions();
});
afterAll(() => regions[Symbol.asyncDispose]());
beforeEach(async () => {
  regions.aws.control.clearFaults();
  deployment = await regions.deployment();
});

const nothing = { dekIds: [], recordIds: [] };

/** All that a Region's tables have of these. */
async function tablesOf(region: string, dekIds: readonly string[], recordIds: readonly string[]) {
  const { deks, records } = deployment.stores(region);
  return {
    deks: [...(await deks.getMany(dekIds, region)).values()],
    records: await Promise.all(recordIds.map((recordId) => records.get(recordId))),
  };
}

describe("replicateBatch", () => {
  it.each(replicas)("lets a record be opened in %s with nothing but that Region's tables and KMS", async (region) => {
    const { recordId, dekId } = await deployment.write({ text: "readable" });
    const result = await deployment.replicate({ region, dekIds: [dekId], recordIds: [recordId] });
    expect(result).toMatchObject({ arrived: { dekIds: [dekId], recordIds: [recordId] }, failed: [] });
    regions.aws.control.cutOff(home, true);
    expect(await deployment.open(region, recordId)).toBe("readable");
  });

  it.each([
    [related, 0],
    [apart, 2],
    [bridged, 2],
  ])(
    "makes a DEK's wrap for %s with %i KMS calls, however many records it has, and none again",
    async (region, calls) => {
      const written = await Promise.all(Array.from({ length: 30 }, () => deployment.write()));
      const recordIds = written.map(({ recordId }) => recordId);
      regions.aws.control.resetCounts();
      expect((await deployment.replicate({ region, recordIds })).arrived.recordIds).toHaveLength(30);
      expect(regions.cryptographicCalls()).toBe(calls);
      expect((await deployment.replicate({ region, recordIds })).arrived.recordIds).toHaveLength(30);
      expect(regions.cryptographicCalls()).toBe(calls);
    },
  );

  it("copies records of every size, their parts included, within the memory that it is given", async () => {
    const texts = [10, 1_000_000, 2_500_000, 20].map((size, index) => `${index}`.repeat(size));
    const written = await Promise.all(texts.map((text) => deployment.write({ text })));
    const recordIds = written.map(({ recordId }) => recordId);
    let most = 0;
    let taken = 0;
    const room = {
      async take(bytes: number) {
        taken += bytes;
        most = Math.max(most, taken);
        return {
          [Symbol.dispose]() {
            taken -= bytes;
          },
        };
      },
    };
    await deployment.replicate({ region: apart, recordIds }, { room });
    for (const [index, recordId] of recordIds.entries()) {
      expect(await deployment.open(apart, recordId)).toBe(texts[index]);
    }
    expect(most).toBeGreaterThan(2_500_000);
    expect(taken).toBe(0);
  });

  it("reads the records of a batch together, as many as there are", async () => {
    const written = await Promise.all(Array.from({ length: 30 }, () => deployment.write()));
    const recordIds = written.map(({ recordId }) => recordId);
    const calls = (operation: string) => regions.aws.control.callCounts()[home]?.dynamodb[operation]?.calls ?? 0;
    regions.aws.control.resetCounts();
    await deployment.replicate({ region: related, recordIds });
    expect(calls("GetItem")).toBe(0);
    // Heads, two chunks of records, a DEK with either wrap.
    expect(calls("BatchGetItem")).toBeLessThan(10);
  });

  it("takes the wrap that was made while the DEK was born, instead of asking KMS for another", async () => {
    deployment = await regions.deployment({ birthWraps: true });
    const { recordId, dekId } = await deployment.write();
    regions.aws.control.resetCounts();
    for (const region of replicas) await deployment.replicate({ region, recordIds: [recordId] });
    expect(regions.cryptographicCalls()).toBe(0);
    for (const region of replicas) {
      const there = (await deployment.stores(region).deks.get(dekId, region))?.wrap;
      expect((await deployment.stores(home).deks.get(dekId, region))?.wrap).toEqual(there);
    }
  });

  it("leaves a replica Region's own wrap as it is, and brings home's copy of it up to date", async () => {
    const { recordId, dekId } = await deployment.write();
    await deployment.replicate({ region: apart, recordIds: [recordId] });
    const there = await deployment.stores(apart).deks.get(dekId, apart);
    const own = there?.wrap ?? expect.fail("it has arrived");
    const { blob } = await regions.kms(apart).reEncrypt({
      ...{ sourceKeyArn: own.keyArn, targetKeyArn: own.keyArn, blob: own.blob },
      ...{ sourceContext: own.context, targetContext: own.context },
    });
    const next = { keyArn: own.keyArn, blob, wrappedAt: new Date().toISOString() };
    await deployment.stores(apart).deks.swapWrap(dekId, apart, own.blob, next);
    await deployment.replicate({ region: apart, recordIds: [recordId] });
    for (const region of [home, apart]) {
      expect(Buffer.from((await deployment.stores(region).deks.get(dekId, apart))?.wrap.blob ?? "")).toEqual(
        Buffer.from(blob),
      );
    }
  });

  it("copies home's wrap of a multi-Region key again once it has been rewrapped, and never an older one", async () => {
    const { recordId, dekId } = await deployment.write();
    await deployment.replicate({ region: related, recordIds: [recordId] });
    const before = (await deployment.stores(home).deks.get(dekId, home))?.wrap ?? expect.fail("it was born");
    const { blob } = await regions.kms(home).reEncrypt({
      ...{ sourceKeyArn: before.keyArn, targetKeyArn: before.keyArn, blob: before.blob },
      ...{ sourceContext: before.context, targetContext: before.context },
    });
    const rewrapped = { keyArn: before.keyArn, blob, wrappedAt: new Date(Date.now() + 1_000).toISOString() };
    await deployment.stores(home).deks.swapWrap(dekId, home, before.blob, rewrapped);
    const inReplica = async () => (await deployment.stores(related).deks.get(dekId, related))?.wrap;

    await deployment.replicate({ region: related, dekIds: [dekId] });
    expect(await inReplica()).toMatchObject({
      wrappedAt: rewrapped.wrappedAt,
      keyArn: expect.stringContaining(related),
    });
    expect(await deployment.open(related, recordId)).toBe("a secret");

    const older = { keyArn: before.keyArn, blob: before.blob, wrappedAt: before.wrappedAt };
    await deployment.stores(home).deks.swapWrap(dekId, home, blob, older);
    await deployment.replicate({ region: related, dekIds: [dekId] });
    expect(await inReplica()).toMatchObject({ wrappedAt: rewrapped.wrappedAt });
  });

  it("tells item by item, and one bad item stops no other", async () => {
    const good = await deployment.write({ tenant: "good" });
    const orphan = await deployment.write({ tenant: "orphan" });
    const damaged = await deployment.write({ tenant: "damaged" });
    const { deks, records } = deployment.stores(home);
    // Its DEK is one that the table does not have.
    const stored = (await records.get(orphan.recordId)) ?? expect.fail("it was stored");
    const noDek = good.dekId.replace(/^.{8}/, "00000000");
    await records.reseal(stored, { ...orphan, dekId: noDek });
    const { wrap } = (await deks.get(damaged.dekId, home)) ?? expect.fail("it was born");
    const blob = Uint8Array.from(wrap.blob).fill(0, -1);
    await deks.swapWrap(damaged.dekId, home, wrap.blob, { ...wrap, blob });

    const recordIds = [damaged.recordId, orphan.recordId, "never-was", good.recordId];
    const result = await deployment.replicate({ region: apart, recordIds });
    expect(result.arrived).toEqual({ dekIds: [], recordIds: [good.recordId] });
    expect(result.gone).toEqual({ dekIds: [], recordIds: ["never-was"] });
    expect(result.failed).toEqual(
      expect.arrayContaining([
        { kind: "record", id: orphan.recordId, code: "RECOVERY_DEK_MISSING", retryable: false },
        { kind: "record", id: damaged.recordId, code: "DEKS_UNWRAP_REFUSED", retryable: false },
      ]),
    );
    expect(await deployment.stores(apart).records.get(damaged.recordId)).toBeUndefined();
  });

  it("wraps no DEK that does not fit its commitment", async () => {
    const [one, other] = await Promise.all([deployment.write({ tenant: "a" }), deployment.write({ tenant: "b" })]);
    const { deks } = deployment.stores(home);
    const found = (await deks.get(one.dekId, home)) ?? expect.fail("it was born");
    // Somebody who may use the key wraps another DEK's place anew.
    const plaintext = Buffer.alloc(32, 7);
    const { blob } = await regions.kms(home).encrypt({
      ...{ keyArn: found.wrap.keyArn, plaintext, context: found.wrap.context },
    });
    await deks.swapWrap(one.dekId, home, found.wrap.blob, { ...found.wrap, blob });
    const { failed, arrived } = await deployment.replicate({ region: apart, dekIds: [one.dekId, other.dekId] });
    expect(failed).toEqual([{ kind: "dek", id: one.dekId, code: "ENVELOPE_AUTHENTICATION_FAILED", retryable: false }]);
    expect(arrived.dekIds).toEqual([other.dekId]);
  });

  it("leaves newer records alone, and those that both Regions have written", async () => {
    const ours = await Promise.all(["newer", "twice"].map((recordId) => deployment.write({ recordId, revision: 1 })));
    for (const region of [apart]) await deployment.replicate({ region, dekIds: ours.map(({ dekId }) => dekId) });
    await deployment.write({ recordId: "newer", revision: 2, epoch: 2, region: apart });
    await deployment.write({ recordId: "twice", revision: 1, epoch: 2, region: apart });
    const before = await tablesOf(apart, [], ["newer", "twice"]);
    const result = await deployment.replicate({ region: apart, recordIds: ["newer", "twice"] });
    expect(result).toMatchObject({
      arrived: nothing,
      ahead: { recordIds: ["newer"] },
      failed: [{ kind: "record", id: "twice", code: "RECOVERY_WRITTEN_TWICE", retryable: false }],
    });
    expect(await tablesOf(apart, [], ["newer", "twice"])).toEqual(before);
  });

  it("copies nothing that another Region is the home of by now", async () => {
    const { recordId, dekId } = await deployment.write();
    const moved = { ...deployment.profile, home: related };
    const homes = { of: async () => ({ profile: moved, epoch: 2 }) };
    const result = await deployment.replicate({ region: apart, dekIds: [dekId], recordIds: [recordId] }, { homes });
    expect(result).toMatchObject({ arrived: nothing, elsewhere: { dekIds: [dekId], recordIds: [recordId] } });
    expect(await deployment.stores(apart).records.get(recordId)).toBeUndefined();
  });

  it("makes no wrap under a key that a campaign has left", async () => {
    const { recordId } = await deployment.write();
    const keyArn = deployment.profile.replicas[apart]?.key ?? "";
    await deployment.stores(apart).state.leaveKey({ keyArn, campaignId: "c", at: new Date().toISOString() });
    regions.aws.control.resetCounts();
    const { failed } = await deployment.replicate({ region: apart, recordIds: [recordId] });
    expect(failed).toMatchObject([{ code: "DEKS_KEY_LEFT", retryable: true }]);
    expect(regions.cryptographicCalls()).toBe(0);
  });

  it("replaces a wrap that was found damaged, and repairs a record as a whole where it is asked to", async () => {
    const { recordId, dekId } = await deployment.write();
    await deployment.replicate({ region: apart, recordIds: [recordId] });
    const { deks } = deployment.stores(apart);
    const { wrap } = (await deks.get(dekId, apart)) ?? expect.fail("it has arrived");
    const blob = Uint8Array.from(wrap.blob).fill(0, -1);
    await deks.swapWrap(dekId, apart, wrap.blob, { ...wrap, blob });
    await expect(deployment.open(apart, recordId)).rejects.toMatchObject({ code: "DEKS_UNWRAP_REFUSED" });
    const condemned = new Map([[dekId, blob]]);
    await deployment.replicate({ region: apart, recordIds: [recordId], condemned, wholeRecords: true });
    expect(await deployment.open(apart, recordId)).toBe("a secret");
  });
});

describe("a copy that is slow, doubled or killed", () => {
  it("never puts an older record back: what it has read in the target must still be there", async () => {
    const first = await deployment.write({ recordId: "r", revision: 1, text: "old" });
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const target = deployment.parts(apart);
    const { records } = deployment.stores(apart);
    let calls = 0;
    const slow = {
      ...records,
      async putCopies(...args: Parameters<typeof records.putCopies>) {
        calls += 1;
        if (calls === 1) {
          reached.resolve();
          await released.promise;
        }
        return records.putCopies(...args);
      },
    };
    const stores = { ...target.stores, records: slow };
    const late = deployment.replicate({ region: apart, recordIds: ["r"] }, { target: { ...target, stores } });
    await reached.promise;
    await deployment.write({ recordId: "r", revision: 2, text: "new" });
    await deployment.replicate({ region: apart, recordIds: ["r"] });
    released.resolve();
    expect((await late).arrived.recordIds).toEqual(["r"]);
    expect(await deployment.open(apart, "r")).toBe("new");
    expect(first.revision).toBe(1);
  });

  it("does no harm beside another one: one wrap and one record result, and all of it opens", async () => {
    const written = await Promise.all(
      Array.from({ length: 12 }, (_, index) => deployment.write({ tenant: `tenant-${index % 4}` })),
    );
    const ids = {
      dekIds: [...new Set(written.map(({ dekId }) => dekId))],
      recordIds: written.map((one) => one.recordId),
    };
    const results = await Promise.all([1, 2, 3].map(() => deployment.replicate({ region: apart, ...ids })));
    for (const { failed, arrived } of results) {
      expect(failed).toEqual([]);
      expect(arrived.recordIds).toHaveLength(12);
    }
    for (const { recordId } of written) expect(await deployment.open(apart, recordId)).toBe("a secret");
    for (const dekId of ids.dekIds) {
      const there = (await deployment.stores(apart).deks.get(dekId, apart))?.wrap;
      await deployment.replicate({ region: apart, dekIds: [dekId] });
      expect((await deployment.stores(apart).deks.get(dekId, apart))?.wrap).toEqual(there);
      expect((await deployment.stores(home).deks.get(dekId, apart))?.wrap).toEqual(there);
    }
  });

  it.each(["before", "after"] as const)(
    "that is killed %s any of its calls leaves nothing that cannot be opened, and ends well when it is run again",
    async (when) => {
      for (let calls = 1; ; calls += 1) {
        const { recordId, dekId } = await deployment.write({ tenant: `tenant-${calls}`, text: `text ${calls}` });
        const kill = createKillSwitch(calls, when);
        const parts = { home: kill.wrap(deployment.parts(home)), target: kill.wrap(deployment.parts(apart)) };
        const request = { region: apart, dekIds: [dekId], recordIds: [recordId] };
        const { signal } = kill;
        const dying = deployment.replicate({ ...request }, parts, { signal });
        const [ended] = await Promise.allSettled([dying]);
        if (ended.status === "fulfilled" && !kill.isDead) {
          expect(calls).toBeGreaterThan(10);
          break;
        }
        const there = deployment.stores(apart);
        if (await there.records.getHead(recordId)) expect(await deployment.open(apart, recordId)).toBe(`text ${calls}`);
        if (await there.deks.getSummary(dekId)) expect(await there.deks.get(dekId, apart)).toBeDefined();

        const again = await deployment.replicate(request);
        expect(again).toMatchObject({ arrived: { dekIds: [dekId], recordIds: [recordId] }, failed: [] });
        expect(await deployment.open(apart, recordId)).toBe(`text ${calls}`);
        const copy = (await deployment.stores(home).deks.get(dekId, apart))?.wrap;
        expect(copy).toEqual((await there.deks.get(dekId, apart))?.wrap);
        expect(calls).toBeLessThan(40);
      }
    },
  );
});

describe("with global tables", () => {
  it("a missing wrap is made at home, and a record has arrived once all of it is seen in the replica Region", async () => {
    const { recordId, dekId } = await deployment.write();
    const request = { region: apart, dekIds: [dekId], recordIds: [recordId] };
    const late = await deployment.replicate(request, { mode: "global", arrivalMs: 1 });
    expect(late.failed).toEqual([
      { kind: "dek", id: dekId, code: "RECOVERY_NOT_ARRIVED", retryable: true },
      { kind: "record", id: recordId, code: "RECOVERY_NOT_ARRIVED", retryable: true },
    ]);
    expect((await deployment.stores(home).deks.get(dekId, apart))?.wrap).toBeDefined();
    expect(await deployment.stores(apart).records.get(recordId)).toBeUndefined();

    const waiting = deployment.replicate(request, { mode: "global", arrivalMs: 20_000 });
    // What DynamoDB does.
    const own = await deployment.stores(home).deks.get(dekId, apart);
    const record = await deployment.stores(home).records.get(recordId);
    if (!own || !record) throw new Error("both are at home");
    await deployment.stores(apart).records.putCopy(record, "absent");
    await deployment.stores(apart).deks.putWrapCopy(dekId, own.wrap, "absent");
    await deployment.stores(apart).deks.putDekCopy(own.dek);
    expect(await waiting).toMatchObject({ arrived: { dekIds: [dekId], recordIds: [recordId] }, failed: [] });
    expect(await deployment.open(apart, recordId)).toBe("a secret");
  });
});
