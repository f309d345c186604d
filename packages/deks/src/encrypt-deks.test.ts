import { DisableKeyCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import type { Dek } from "@dekhand/envelope";
import type { KmsGovernor } from "@dekhand/kms";
import type { Profile } from "@dekhand/runtime";
import { createManualClock, eventually } from "@dekhand/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createEncryptDeks, type EncryptDeks, type EncryptDeksDeps } from "./encrypt-deks.ts";
import { createKeyDirectory } from "./key-directory.ts";
import { type HomeRegion, profileWith, startHomeRegion } from "./testing/home-region.ts";

let home: HomeRegion;
let keyArn: string;
const opened: EncryptDeks[] = [];

beforeAll(async () => {
  home = await startHomeRegion();
});
afterAll(() => home[Symbol.asyncDispose]());
beforeEach(async () => {
  keyArn = await home.createKey();
  home.aws.control.resetCounts();
});
afterEach(() => {
  home.aws.control.clearFaults();
  for (const deks of opened.splice(0)) deks.close();
});

function open(profile: Profile, changes: Partial<EncryptDeksDeps> = {}): EncryptDeks {
  const { kms, stores, logger, metrics } = home;
  const keys = createKeyDirectory({ profiles: { [profile.name]: profile }, kms: () => kms, logger });
  const places = { kms: () => kms, store: () => stores.deks, state: () => stores.state };
  const deks = createEncryptDeks({ keys, ...places, logger, metrics, ...changes });
  opened.push(deks);
  return deks;
}

const acme = { tenant: "acme", customer: "17" };

describe("a cold scope", () => {
  it("costs one GenerateDataKey for 3,000 concurrent requests", async () => {
    const profile = profileWith(keyArn, { reuse: { records: 10_000, bytes: 1_000_000, ageMs: 60_000 } });
    const deks = open(profile);
    const leases = await Promise.all(
      Array.from({ length: 3_000 }, () => deks.acquire({ profile, context: acme, bytes: 10 })),
    );
    expect(home.calls("GenerateDataKey")).toBe(1);
    expect(new Set(leases.map(({ dek }) => dek.id)).size).toBe(1);
  });

  it("hands out its DEK only once DEK and wrap are in the table", async () => {
    const profile = profileWith(keyArn);
    using lease = await open(profile).acquire({ profile, context: acme, bytes: 10 });
    const stored = await home.stores.deks.get(lease.dek.id, home.kms.region);
    expect(stored?.dek).toMatchObject({ profile: "people", status: "active" });
    expect(stored?.wrap).toMatchObject({
      keyArn,
      context: { tenant: "acme", "dekhand:dek": lease.dek.id, "dekhand:profile": "people" },
    });
    expect(Buffer.from(stored?.dek.commitment ?? [])).toEqual(Buffer.from(lease.dek.commitment));
  });

  it("shares no DEK with another scope, and one DEK among records that differ outside the scope", async () => {
    const profile = profileWith(keyArn);
    const deks = open(profile);
    using first = await deks.acquire({ profile, context: acme, bytes: 10 });
    using second = await deks.acquire({ profile, context: { ...acme, customer: "18" }, bytes: 10 });
    using other = await deks.acquire({ profile, context: { tenant: "dunes" }, bytes: 10 });
    expect(second.dek.id).toBe(first.dek.id);
    expect(other.dek.id).not.toBe(first.dek.id);
  });
});

describe("the limits of reuse", () => {
  it("no DEK takes more records than its profile allows, however many ask at once", async () => {
    const profile = profileWith(keyArn, { reuse: { records: 7, bytes: 1_000_000, ageMs: 60_000 } });
    const deks = open(profile);
    const leases = await Promise.all(
      Array.from({ length: 50 }, () => deks.acquire({ profile, context: acme, bytes: 1 })),
    );
    const uses = new Map<string, number>();
    for (const { dek } of leases) uses.set(dek.id, (uses.get(dek.id) ?? 0) + 1);
    expect(Math.max(...uses.values())).toBe(7);
    expect([...uses.values()].reduce((sum, each) => sum + each, 0)).toBe(50);
  });

  it("no DEK takes more bytes than its profile allows, and a record larger than the limit gets one of its own", async () => {
    const profile = profileWith(keyArn, { reuse: { records: 1_000, bytes: 100, ageMs: 60_000 } });
    const deks = open(profile);
    using first = await deks.acquire({ profile, context: acme, bytes: 60 });
    using second = await deks.acquire({ profile, context: acme, bytes: 60 });
    using large = await deks.acquire({ profile, context: acme, bytes: 5_000 });
    expect(new Set([first.dek.id, second.dek.id, large.dek.id]).size).toBe(3);
  });

  it("no DEK is used beyond its age", async () => {
    const clock = createManualClock();
    const profile = profileWith(keyArn, { reuse: { records: 1_000, bytes: 1_000_000, ageMs: 60_000 } });
    const deks = open(profile, { clock });
    using first = await deks.acquire({ profile, context: acme, bytes: 1 });
    await clock.advance(60_001);
    using second = await deks.acquire({ profile, context: acme, bytes: 1 });
    expect(second.dek.id).not.toBe(first.dek.id);
  });

  it("the next DEK is on its way before the one in use ends, and none of its uses is wasted", async () => {
    const profile = profileWith(keyArn, { reuse: { records: 10, bytes: 1_000_000, ageMs: 60_000 } });
    const deks = open(profile);
    const ids: string[] = [];
    for (let record = 0; record < 8; record += 1) {
      using lease = await deks.acquire({ profile, context: acme, bytes: 1 });
      ids.push(lease.dek.id);
    }
    await eventually(() => home.calls("GenerateDataKey") === 2);
    for (let record = 0; record < 2; record += 1) {
      using lease = await deks.acquire({ profile, context: acme, bytes: 1 });
      ids.push(lease.dek.id);
    }
    expect(new Set(ids).size).toBe(1);
  });
});

describe("wiping", () => {
  it("an evicted DEK is wiped when its last lease is returned, not before", async () => {
    const profile = profileWith(keyArn);
    const deks = open(profile, { maxScopes: 1 });
    const lease = await deks.acquire({ profile, context: acme, bytes: 1 });
    using _other = await deks.acquire({ profile, context: { tenant: "dunes" }, bytes: 1 });
    expect(lease.dek.disposed).toBe(false);
    lease[Symbol.dispose]();
    expect(lease.dek.disposed).toBe(true);
  });

  it("closing wipes what is not in use, and refuses later callers", async () => {
    const profile = profileWith(keyArn);
    const deks = open(profile);
    let dek: Dek;
    {
      using lease = await deks.acquire({ profile, context: acme, bytes: 1 });
      dek = lease.dek;
    }
    deks.close();
    expect(dek.disposed).toBe(true);
    await expect(deks.acquire({ profile, context: acme, bytes: 1 })).rejects.toMatchObject({ code: "DEKS_CLOSED" });
  });
});

describe("trouble", () => {
  it("a KMS answer that comes after the birth deadline is wiped and leaves nothing in the table", async () => {
    const profile = profileWith(keyArn);
    const clock = createManualClock();
    let plaintext: Buffer | undefined;
    const late: Pick<KmsGovernor, "generateDataKey" | "region"> = {
      region: home.kms.region,
      async generateDataKey(request, options) {
        const answer = await home.kms.generateDataKey(request, options);
        plaintext = answer.plaintext;
        await clock.advance(30_001);
        return answer;
      },
    };
    const before = await home.stores.deks.count();
    const deks = open(profile, { kms: () => late, clock });
    await expect(deks.acquire({ profile, context: acme, bytes: 1 })).rejects.toMatchObject({
      code: "DEKS_BIRTH_DEADLINE",
      retryable: true,
    });
    expect(plaintext?.every((byte) => byte === 0)).toBe(true);
    expect(await home.stores.deks.count()).toEqual(before);
  });

  it("a disabled key fails those who wait with a retryable error and one KMS call, and works again once enabled", async () => {
    const profile = profileWith(keyArn);
    const deks = open(profile);
    await home.clients.kms.send(new DisableKeyCommand({ KeyId: keyArn }));
    const failed = await Promise.allSettled(
      Array.from({ length: 100 }, () => deks.acquire({ profile, context: acme, bytes: 1 })),
    );
    expect(failed.every((each) => each.status === "rejected" && each.reason.retryable === true)).toBe(true);
    await Promise.allSettled(Array.from({ length: 100 }, () => deks.acquire({ profile, context: acme, bytes: 1 })));
    expect(home.calls("GenerateDataKey")).toBe(1);
    await home.clients.kms.send(new EnableKeyCommand({ KeyId: keyArn }));
    await eventually(async () => {
      using lease = await deks.acquire({ profile, context: acme, bytes: 1 });
      return !lease.dek.disposed;
    });
  });

  it("a caller that gives up does not end the birth that others wait for", async () => {
    const profile = profileWith(keyArn);
    const deks = open(profile);
    const controller = new AbortController();
    const impatient = deks.acquire({ profile, context: acme, bytes: 1 }, { signal: controller.signal });
    const patient = deks.acquire({ profile, context: acme, bytes: 1 });
    controller.abort();
    await expect(impatient).rejects.toBe(controller.signal.reason);
    using lease = await patient;
    expect(lease.dek.disposed).toBe(false);
    expect(home.calls("GenerateDataKey")).toBe(1);
  });
});
