import { setTimeout as delay } from "node:timers/promises";
import { DisableKeyCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import type { Profile } from "@dekhand/runtime";
import type { DekStore } from "@dekhand/store";
import { createManualClock, eventually, type ManualClock } from "@dekhand/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDecryptDeks, type DecryptDeks } from "./decrypt-deks.ts";
import { createKeyDirectory } from "./key-directory.ts";
import { type BornDek, bearDekFor } from "./testing/born-dek.ts";
import { countsOf } from "./testing/dek-counts.ts";
import { type HomeRegion, profileWith, region, startHomeRegion } from "./testing/home-region.ts";
import { steadyLoad } from "./testing/steady-load.ts";

const lifetimeMs = 20_000;
const acme = { tenant: "acme" };

let home: HomeRegion;
let profile: Profile;
let born: BornDek;
let clock: ManualClock;
const opened: DecryptDeks[] = [];

beforeAll(async () => {
  home = await startHomeRegion();
});
afterAll(() => home[Symbol.asyncDispose]());
beforeEach(async () => {
  profile = profileWith(await home.createKey());
  born = await bearDekFor(home, profile, acme);
  clock = createManualClock();
  home.aws.control.resetCounts();
});
afterEach(() => {
  home.aws.control.clearFaults();
  for (const deks of opened.splice(0)) deks.close();
});

function open(store: Pick<DekStore, "get"> = home.stores.deks) {
  const { kms, logger } = home;
  const counts = countsOf("decrypt");
  const keys = createKeyDirectory({ profiles: { [profile.name]: profile }, kms: () => kms, logger });
  const deks = createDecryptDeks({ region, keys, kms, store, metrics: counts.metrics, lifetimeMs, clock });
  opened.push(deks);
  return { counts, read: (context = acme) => deks.acquire({ dekId: born.id, context }) };
}

const decrypts = () => home.calls("Decrypt");
const slowKms = (ms: number) => home.aws.control.setLatency(region, ms, { service: "kms" });

/** To just inside the last fifth of a DEK that was unwrapped now. */
const untilDue = () => clock.advance(lifetimeMs * 0.8 + 1);

describe("a DEK that is read all the time", () => {
  it("is waited for once, and unwrapped once in each lifetime", async () => {
    const { read, counts } = open();
    slowKms(50);
    (await read())[Symbol.dispose]();
    const turns = 2_500;
    const { waited } = await steadyLoad({ clock, turns, perTurn: 10, msPerTurn: 40, acquire: () => read() });
    expect(waited).toBe(0);
    expect(await counts.waits()).toBe(1);
    // 100 s at 20 s a lifetime, each renewed after 16 s and the time that KMS takes.
    expect(decrypts()).toBeGreaterThanOrEqual(5);
    expect(decrypts()).toBeLessThanOrEqual(7);
    expect(await counts.refreshes("failed")).toBe(0);
  });

  it("costs one Decrypt when its first readers come one after the other", async () => {
    const { read, counts } = open();
    slowKms(50);
    const readers: Promise<void>[] = [];
    while ((await counts.waits()) === readers.length) {
      readers.push(read().then((lease) => lease[Symbol.dispose]()));
      await delay(1);
    }
    await Promise.all(readers);
    expect(readers.length).toBeGreaterThan(2);
    expect(decrypts()).toBe(1);
  });

  it("is renewed for a full lifetime; the key that it replaces is wiped when its last lease is returned", async () => {
    const { read, counts } = open();
    const old = await read();
    await untilDue();
    (await read())[Symbol.dispose]();
    await eventually(async () => (await counts.refreshes("ready")) === 1);
    using renewed = await read();
    expect(renewed.dek).not.toBe(old.dek);
    expect(old.dek.disposed).toBe(false);
    old[Symbol.dispose]();
    expect(old.dek.disposed).toBe(true);
    await clock.advance(lifetimeMs * 0.79);
    using later = await read();
    expect(later.dek).toBe(renewed.dek);
    expect(decrypts()).toBe(2);
  });
});

describe("a DEK that nobody reads", () => {
  it("is not unwrapped again", async () => {
    const { read, counts } = open();
    (await read())[Symbol.dispose]();
    for (let fifth = 0; fifth < 10; fifth += 1) await clock.advance(lifetimeMs / 5);
    expect(decrypts()).toBe(1);
    expect(await counts.refreshes("ready")).toBe(0);
    (await read())[Symbol.dispose]();
    expect(await counts.waits()).toBe(2);
  });
});

describe("a DEK that has come to its end", () => {
  it("is judged by what the table says then", async () => {
    let looks = 0;
    const { read } = open({
      async get() {
        looks += 1;
        return born.stored;
      },
    });
    (await read())[Symbol.dispose]();
    await expect(read({ tenant: "dunes" })).rejects.toMatchObject({ code: "DEKS_CONTEXT_MISMATCH" });
    expect(looks).toBe(1);
    await clock.advance(lifetimeMs);
    await expect(read({ tenant: "dunes" })).rejects.toMatchObject({ code: "DEKS_CONTEXT_MISMATCH" });
    expect(looks).toBe(2);
  });
});

describe("a refresh that fails", () => {
  it("leaves the DEK its lifetime and no more, is tried four times at most, and readers hear of it then", async () => {
    const { read } = open();
    const first = await read();
    const { dek } = first;
    first[Symbol.dispose]();
    await home.clients.kms.send(new DisableKeyCommand({ KeyId: profile.key }));
    const before = decrypts();
    let reads = 0;
    for (let ms = 0; ms < lifetimeMs; ms += 40) {
      await delay(1);
      using lease = await read();
      expect(lease.dek).toBe(dek);
      reads += 1;
      await clock.advance(40);
    }
    expect(reads).toBe(500);
    expect(decrypts() - before).toBeGreaterThanOrEqual(1);
    expect(decrypts() - before).toBeLessThanOrEqual(4);
    await expect(read()).rejects.toMatchObject({ code: "KMS_KEY_UNUSABLE" });
    expect(dek.disposed).toBe(true);
    await home.clients.kms.send(new EnableKeyCommand({ KeyId: profile.key }));
    using again = await read();
    expect(again.dek.disposed).toBe(false);
  });

  it("is tried again within the same lifetime, and then nobody has waited", async () => {
    const { read, counts } = open();
    (await read())[Symbol.dispose]();
    await home.clients.kms.send(new DisableKeyCommand({ KeyId: profile.key }));
    await untilDue();
    (await read())[Symbol.dispose]();
    await eventually(async () => (await counts.refreshes("failed")) === 1);
    await home.clients.kms.send(new EnableKeyCommand({ KeyId: profile.key }));
    await clock.advance(lifetimeMs / 10);
    (await read())[Symbol.dispose]();
    await eventually(async () => (await counts.refreshes("ready")) === 1);
    await clock.advance(lifetimeMs / 2);
    (await read())[Symbol.dispose]();
    expect(await counts.waits()).toBe(1);
  });

  it.each([
    ["a commitment that the key does not fit", { commitment: Buffer.alloc(32) }, "ENVELOPE_AUTHENTICATION_FAILED"],
    ["another tenant's context", { context: { tenant: "dunes" } }, "DEKS_CONTEXT_MISMATCH"],
    ["a profile that is not configured", { profile: "strangers" }, "DEKS_CONTEXT_MISMATCH"],
  ])("has read the table again: %s is refused as at the first unwrap", async (_title, change, code) => {
    let tampered = false;
    const { read, counts } = open({
      async get() {
        const { dek, wrap } = born.stored;
        return tampered ? { dek: { ...dek, ...change }, wrap } : born.stored;
      },
    });
    (await read())[Symbol.dispose]();
    tampered = true;
    await untilDue();
    (await read())[Symbol.dispose]();
    await eventually(async () => (await counts.refreshes("failed")) === 1);
    await clock.advance(lifetimeMs / 5);
    await expect(read()).rejects.toMatchObject({ code });
  });
});
