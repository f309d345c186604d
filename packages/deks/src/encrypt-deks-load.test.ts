import { DisableKeyCommand } from "@aws-sdk/client-kms";
import type { Profile } from "@dekhand/runtime";
import { createManualClock, eventually, type ManualClock } from "@dekhand/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createEncryptDeks, type EncryptDeks } from "./encrypt-deks.ts";
import { createKeyDirectory } from "./key-directory.ts";
import { countsOf, type DekCounts } from "./testing/dek-counts.ts";
import { type HomeRegion, profileWith, region, startHomeRegion } from "./testing/home-region.ts";
import { steadyLoad } from "./testing/steady-load.ts";

let home: HomeRegion;
let keyArn: string;
let clock: ManualClock;
const opened: EncryptDeks[] = [];

beforeAll(async () => {
  home = await startHomeRegion();
});
afterAll(() => home[Symbol.asyncDispose]());
beforeEach(async () => {
  keyArn = await home.createKey();
  clock = createManualClock();
  home.aws.control.resetCounts();
});
afterEach(() => {
  home.aws.control.clearFaults();
  for (const deks of opened.splice(0)) deks.close();
});

/** A cache for one profile, its warm scopes, and what its metrics count. */
function open(reuse: Partial<Profile["reuse"]>) {
  const { kms, stores, logger } = home;
  const profile = profileWith(keyArn, { reuse: { records: 1_000, bytes: 1_000_000, ageMs: 300_000, ...reuse } });
  const counts: DekCounts = countsOf("encrypt");
  const keys = createKeyDirectory({ profiles: { [profile.name]: profile }, kms: () => kms, logger });
  const deks = createEncryptDeks({
    keys,
    kms: () => kms,
    store: () => stores.deks,
    state: () => stores.state,
    logger,
    metrics: counts.metrics,
    clock,
  });
  opened.push(deks);
  const acquire = (tenant = "acme", bytes = 1) => deks.acquire({ profile, context: { tenant }, bytes });
  return { counts, acquire, born: () => home.calls("GenerateDataKey") };
}

const slowKms = (ms: number) => home.aws.control.setLatency(region, ms, { service: "kms" });

describe("under a steady load", () => {
  it("only the first record of a scope waits for KMS, however often its DEK reaches its age", async () => {
    const { acquire, counts, born } = open({ records: 100_000, ageMs: 20_000 });
    slowKms(50);
    const scopes = Array.from({ length: 10 }, (_, each) => `tenant-${each}`);
    for (const scope of scopes) (await acquire(scope))[Symbol.dispose]();
    const { waited } = await steadyLoad({
      clock,
      turns: 1_600,
      perTurn: scopes.length,
      msPerTurn: 40,
      acquire: (count) => acquire(scopes[count % scopes.length]),
    });
    expect(waited).toBe(0);
    expect(await counts.waits()).toBe(scopes.length);
    // 64 s at 20 s a DEK, each replaced at 16 s: 3 refreshes a scope, the last of them perhaps still on its way.
    expect(await counts.refreshes("ready")).toBeGreaterThanOrEqual(scopes.length * 2);
    expect(born()).toBeLessThanOrEqual(scopes.length * 5);
  });

  // Turns are real ones, and a birth takes a call of the table more than of KMS: where other processes take the CPU away in
  // the middle of one, it tells nothing of the cache. So it is run again then.
  const busyMachine = { retry: 3 };
  it(
    "a scope that uses up a fifth of a DEK faster than KMS makes the next one waits no more than any other",
    busyMachine,
    async () => {
      const { acquire, counts, born } = open({ records: 1_000 });
      slowKms(30);
      // A birth takes about 30 turns: 300 records, more than the last fifth. The rate jumps to that from next to none.
      const load = { clock, msPerTurn: 4, acquire: () => acquire() };
      await steadyLoad({ ...load, turns: 60, perTurn: 1 });
      const before = await counts.waits();
      const { waited, dekIds } = await steadyLoad({ ...load, turns: 2_000, perTurn: 10 });
      expect(waited).toBe(0);
      expect(await counts.waits()).toBe(before);
      expect(dekIds.size).toBe(21);
      // No use of any DEK is given away: beyond those used there are at most the two that lie ready, and one on its way.
      expect(born()).toBeLessThanOrEqual(dekIds.size + 3);
    },
  );

  it("a scope that uses its DEKs slowly has none made before four fifths of the last one are used", async () => {
    const { acquire, counts, born } = open({ records: 100 });
    const bornAt: number[] = [];
    for (let record = 1; record <= 275; record += 1) {
      (await acquire())[Symbol.dispose]();
      await clock.advance(1_000);
      if (record % 100 === 80) await eventually(async () => (await counts.refreshes("ready")) > bornAt.length);
      if (born() > bornAt.length + 1) bornAt.push(record);
    }
    expect(bornAt).toEqual([80, 180]);
    expect(await counts.waits()).toBe(1);
  });
});

describe("what must not end unnoticed", () => {
  it("a DEK that waited for its turn until it is old itself has a successor", async () => {
    const { acquire, counts } = open({ records: 10, ageMs: 60_000 });
    for (let record = 0; record < 8; record += 1) (await acquire())[Symbol.dispose]();
    await eventually(async () => (await counts.refreshes("ready")) >= 1);
    const early = await counts.refreshes("ready");
    await clock.advance(59_000);
    (await acquire())[Symbol.dispose]();
    await eventually(async () => (await counts.refreshes("ready")) > early);
    await clock.advance(1_001);
    (await acquire())[Symbol.dispose]();
    expect(await counts.waits()).toBe(1);
  });

  it.each([
    ["does not fit into the rest of a DEK", 60],
    ["is larger than what a DEK may seal", 5_000],
  ])("a record that %s finds the next DEK ready", async (_title, bytes) => {
    const { acquire, counts } = open({ bytes: 100 });
    const deks = new Set<string>();
    for (let record = 1; record <= 5; record += 1) {
      using lease = await acquire("acme", bytes);
      deks.add(lease.dek.id);
      await eventually(async () => (await counts.refreshes("ready")) >= record);
    }
    expect(deks.size).toBe(5);
    expect(await counts.waits()).toBe(1);
  });

  it("a next DEK that cannot be made takes nothing away from the one in use", async () => {
    const { acquire, counts } = open({ records: 10 });
    for (let record = 0; record < 7; record += 1) (await acquire())[Symbol.dispose]();
    await home.clients.kms.send(new DisableKeyCommand({ KeyId: keyArn }));
    (await acquire())[Symbol.dispose]();
    await eventually(async () => (await counts.refreshes("failed")) === 1);
    for (let record = 8; record < 10; record += 1) (await acquire())[Symbol.dispose]();
    expect(await counts.waits()).toBe(1);
    await expect(acquire()).rejects.toMatchObject({ retryable: true });
  });
});
