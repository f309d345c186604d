import { open as openEnvelope, seal } from "@dekhand/envelope";
import type { Profile } from "@dekhand/runtime";
import type { DekStore, DekWithWrap } from "@dekhand/store";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDecryptDeks, type DecryptDeks, type DecryptDeksDeps } from "./decrypt-deks.ts";
import { createEncryptDeks } from "./encrypt-deks.ts";
import { createKeyDirectory } from "./key-directory.ts";
import { type BornDek, bearDekFor } from "./testing/born-dek.ts";
import { type HomeRegion, profileWith, region, startHomeRegion } from "./testing/home-region.ts";

let home: HomeRegion;
let profile: Profile;
let born: BornDek;
const opened: DecryptDeks[] = [];
const acme = { tenant: "acme", customer: "17" };

beforeAll(async () => {
  home = await startHomeRegion();
});
afterAll(() => home[Symbol.asyncDispose]());
beforeEach(async () => {
  profile = profileWith(await home.createKey());
  born = await bearDekFor(home, profile, acme);
  home.aws.control.resetCounts();
});
afterEach(() => {
  for (const deks of opened.splice(0)) deks.close();
});

function open(changes: Partial<DecryptDeksDeps> = {}, profiles: readonly Profile[] = [profile]): DecryptDeks {
  const { kms, stores, logger, metrics } = home;
  const byName = Object.fromEntries(profiles.map((each) => [each.name, each]));
  const keys = createKeyDirectory({ profiles: byName, kms: () => kms, logger });
  const deks = createDecryptDeks({ region, keys, kms, store: stores.deks, metrics, ...changes });
  opened.push(deks);
  return deks;
}

/** A table that somebody with write access has changed. */
function tampered(change: (stored: DekWithWrap) => DekWithWrap): Pick<DekStore, "get"> {
  return { get: async () => change(born.stored) };
}

describe("unwrapping", () => {
  it("gives back the DEK that sealed, with one Decrypt for 1,000 concurrent readers", async () => {
    const { kms, stores, logger, metrics } = home;
    const keys = createKeyDirectory({ profiles: { people: profile }, kms: () => kms, logger });
    const sealing = createEncryptDeks({
      keys,
      kms: () => kms,
      store: () => stores.deks,
      state: () => stores.state,
      logger,
      metrics,
    });
    const binding = { recordId: "r", context: acme, contentType: "text/plain", epoch: 1 };
    using sealer = await sealing.acquire({ profile, context: acme, bytes: 5 });
    const envelope = seal(sealer.dek, Buffer.from("hello"), binding);
    const deks = open();
    const leases = await Promise.all(
      Array.from({ length: 1_000 }, () => deks.acquire({ dekId: sealer.dek.id, context: acme })),
    );
    expect(leases.map(({ dek }) => openEnvelope(dek, envelope, binding).toString())).toEqual(
      Array.from({ length: 1_000 }, () => "hello"),
    );
    expect(home.calls("Decrypt")).toBe(1);
    sealing.close();
  });

  it("works for records that differ outside the scope, and for a DEK born under another dekScope", async () => {
    const wider = { ...profile, required: [], dekScope: [] };
    using lease = await open({}, [wider]).acquire({ dekId: born.id, context: { ...acme, customer: "99" } });
    expect(lease.dek.id).toBe(born.id);
  });

  it("wipes a DEK at the end of its lifetime, however often it is used", async () => {
    const deks = open({ lifetimeMs: 30 });
    const lease = await deks.acquire({ dekId: born.id, context: acme });
    lease[Symbol.dispose]();
    const { dek } = lease;
    await expect.poll(() => dek.disposed).toBe(true);
    using again = await deks.acquire({ dekId: born.id, context: acme });
    expect(again.dek.disposed).toBe(false);
    expect(home.calls("Decrypt")).toBe(2);
  });
});

describe("is refused before any KMS call", () => {
  afterEach(() => expect(home.calls("Decrypt")).toBe(0));

  it("a DEK that is not there", async () => {
    const dekId = "01890000-0000-7000-8000-000000000000";
    await expect(open().acquire({ dekId, context: acme })).rejects.toMatchObject({ code: "DEKS_NOT_FOUND" });
  });

  it("a record of another tenant", async () => {
    const asked = open().acquire({ dekId: born.id, context: { ...acme, tenant: "dunes" } });
    await expect(asked).rejects.toMatchObject({ code: "DEKS_CONTEXT_MISMATCH" });
  });

  it("a wrap that belongs to another DEK", async () => {
    const other = await bearDekFor(home, profile, acme);
    const store = { get: async () => ({ dek: born.stored.dek, wrap: other.stored.wrap }) };
    const asked = open({ store }).acquire({ dekId: born.id, context: acme });
    await expect(asked).rejects.toMatchObject({ code: "DEKS_CONTEXT_MISMATCH" });
  });

  it("a profile that the configuration does not have", async () => {
    const store = tampered(({ dek, wrap }) => {
      const context = { ...dek.context, "dekhand:profile": "constructor" };
      return { dek: { ...dek, profile: "constructor", context }, wrap: { ...wrap, context } };
    });
    const asked = open({ store }).acquire({ dekId: born.id, context: acme });
    await expect(asked).rejects.toMatchObject({ code: "DEKS_PROFILE_UNKNOWN" });
  });

  it("a wrap under a key that the profile does not list, also when KMS could open it", async () => {
    const stranger = await home.createKey();
    const { plaintext } = await home.kms.generateDataKey({ keyArn: stranger, context: born.stored.wrap.context });
    const { blob } = await home.kms.encrypt({ keyArn: stranger, plaintext, context: born.stored.wrap.context });
    const store = tampered(({ dek, wrap }) => ({ dek, wrap: { ...wrap, keyArn: stranger, blob } }));
    const asked = open({ store }).acquire({ dekId: born.id, context: acme });
    await expect(asked).rejects.toMatchObject({ code: "DEKS_KEY_NOT_ALLOWED" });
  });
});

describe("is refused by KMS or the commitment", () => {
  it("a wrap made under another tenant, with its labels rewritten", async () => {
    const other = await bearDekFor(home, profile, { tenant: "dunes" });
    const store = tampered(({ dek, wrap }) => ({ dek, wrap: { ...wrap, blob: other.stored.wrap.blob } }));
    const asked = open({ store }).acquire({ dekId: born.id, context: acme });
    await expect(asked).rejects.toMatchObject({ code: "DEKS_UNWRAP_REFUSED", retryable: false });
  });

  it("a wrap made under a stranger's key, labelled with a listed one", async () => {
    const stranger = await home.createKey();
    const plaintext = Buffer.alloc(32, 7);
    const { blob } = await home.kms.encrypt({ keyArn: stranger, plaintext, context: born.stored.wrap.context });
    const store = tampered(({ dek, wrap }) => ({ dek, wrap: { ...wrap, blob } }));
    const asked = open({ store }).acquire({ dekId: born.id, context: acme });
    await expect(asked).rejects.toMatchObject({ code: "DEKS_UNWRAP_REFUSED" });
  });

  it("a key that does not fit the stored commitment", async () => {
    const store = tampered(({ dek, wrap }) => ({ dek: { ...dek, commitment: Buffer.alloc(32) }, wrap }));
    const asked = open({ store }).acquire({ dekId: born.id, context: acme });
    await expect(asked).rejects.toMatchObject({ code: "ENVELOPE_AUTHENTICATION_FAILED" });
  });
});

describe("keys", () => {
  it("a retiring key still opens, and one that is listed no more does not", async () => {
    const next = await home.createKey();
    const moved = { ...profile, key: next, retiring: [profile.key] };
    using lease = await open({}, [moved]).acquire({ dekId: born.id, context: acme });
    expect(lease.dek.id).toBe(born.id);
    const left = { ...profile, key: next };
    const asked = open({}, [left]).acquire({ dekId: born.id, context: acme });
    await expect(asked).rejects.toMatchObject({ code: "DEKS_KEY_NOT_ALLOWED" });
  });
});
