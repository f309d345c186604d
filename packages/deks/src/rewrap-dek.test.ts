import { DisableKeyCommand, EncryptCommand, RotateKeyOnDemandCommand } from "@aws-sdk/client-kms";
import type { KmsGovernor } from "@dekhand/kms";
import type { DekStore, Wrap } from "@dekhand/store";
import { createManualClock } from "@dekhand/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDecryptDeks } from "./decrypt-deks.ts";
import { createKeyDirectory } from "./key-directory.ts";
import { type RewrapDekDeps, rewrapDek } from "./rewrap-dek.ts";
import { type BornDek, bearDekFor } from "./testing/born-dek.ts";
import { type HomeRegion, profileWith, region, startHomeRegion } from "./testing/home-region.ts";

const acme = { tenant: "acme" };
const priority = "campaign";

let home: HomeRegion;
let oldKey: string;
let newKey: string;

beforeAll(async () => {
  home = await startHomeRegion();
});
afterAll(() => home[Symbol.asyncDispose]());
beforeEach(async () => {
  [oldKey, newKey] = await Promise.all([home.createKey(), home.createKey()]);
  home.aws.control.resetCounts();
});

/** What a rewrap needs where the profile's key is `key`, and the old one may still be opened. */
function under(key: string, changes: Partial<RewrapDekDeps> = {}): RewrapDekDeps {
  const { kms, stores, logger } = home;
  const retiring = [oldKey, newKey].filter((each) => each !== key);
  const keys = createKeyDirectory({ profiles: { people: profileWith(key, { retiring }) }, kms: () => kms, logger });
  return { keys, kms, store: stores.deks, state: stores.state, ...changes };
}

const bear = (context = acme): Promise<BornDek> => bearDekFor(home, profileWith(oldKey), context);

async function wrapOf(id: string): Promise<Wrap> {
  const stored = await home.stores.deks.get(id, region);
  if (!stored) throw new Error("the DEK has a wrap");
  return stored.wrap;
}

/** Puts another blob or label in a wrap's place, as somebody does who writes the table. */
async function tamper({ id, stored }: BornDek, change: Partial<Wrap>): Promise<void> {
  const { material: _, ...wrap } = stored.wrap;
  expect(await home.stores.deks.swapWrap(id, region, wrap.blob, { ...wrap, ...change })).toBe("swapped");
}

async function opens(id: string): Promise<boolean> {
  const { keys } = under(newKey);
  const { kms, stores, metrics } = home;
  const deks = createDecryptDeks({ region, keys, kms, store: stores.deks, metrics });
  using lease = await deks.acquire({ dekId: id, context: acme });
  deks.close();
  return lease.dek.id === id;
}

describe("a wrap under a key that is left", () => {
  it("is moved by one ReEncrypt and no Decrypt, and unwraps to the same DEK", async () => {
    const { id, stored } = await bear();
    home.aws.control.resetCounts();
    const outcome = await rewrapDek(under(newKey), id, { priority });
    expect(outcome).toMatchObject({ kind: "rewrapped", keyArn: newKey });
    expect([home.calls("ReEncrypt"), home.calls("Decrypt")]).toEqual([1, 0]);
    const wrap = await wrapOf(id);
    expect(wrap).toMatchObject({ keyArn: newKey, context: stored.wrap.context });
    expect(outcome).toMatchObject({ material: wrap.material });
    expect(await opens(id)).toBe(true);
  });

  it("is not touched again once it is current", async () => {
    const { id } = await bear();
    await rewrapDek(under(newKey), id, { priority });
    const before = await wrapOf(id);
    home.aws.control.resetCounts();
    expect(await rewrapDek(under(newKey), id, { priority })).toMatchObject({ kind: "current", keyArn: newKey });
    expect(home.calls("ReEncrypt")).toBe(0);
    expect(await wrapOf(id)).toEqual(before);
  });

  it("is moved to newer material of the same key", async () => {
    const { id, stored } = await bear();
    await home.clients.kms.send(new RotateKeyOnDemandCommand({ KeyId: oldKey }));
    expect(await rewrapDek(under(oldKey), id, { priority })).toMatchObject({ kind: "rewrapped", keyArn: oldKey });
    const { material } = await wrapOf(id);
    expect(material).toBeDefined();
    expect(material).not.toBe(stored.wrap.material);
    expect(await rewrapDek(under(oldKey), id, { priority })).toMatchObject({ kind: "current", material });
  });

  it("that several move at once is swapped by one of them, and the others find it current", async () => {
    const { id } = await bear();
    const deps = under(newKey);
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => rewrapDek(deps, id, { priority })));
    expect(outcomes.filter(({ kind }) => kind === "rewrapped")).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === "current")).toHaveLength(3);
    expect(await opens(id)).toBe(true);
  });

  it("that keeps changing is left for later", async () => {
    const { id } = await bear();
    const swapWrap: DekStore["swapWrap"] = async () => "conflict";
    const store = { ...home.stores.deks, swapWrap };
    expect(await rewrapDek(under(newKey, { store }), id, { priority })).toEqual({ kind: "conflict" });
    expect(home.calls("ReEncrypt")).toBe(4);
  });

  it("waits for a key that is disabled: that is no fault of the wrap", async () => {
    const { id } = await bear();
    await home.clients.kms.send(new DisableKeyCommand({ KeyId: newKey }));
    await expect(rewrapDek(under(newKey), id, { priority })).rejects.toMatchObject({
      code: "KMS_KEY_UNUSABLE",
      retryable: true,
    });
  });
});

describe("where a campaign has left the key that the configuration names", () => {
  const campaignId = "elsewhere";
  const leave = (keyArn: string) => home.stores.state.leaveKey({ keyArn, campaignId, at: "2026-11-23T10:00:00.000Z" });
  const left = { code: "DEKS_KEY_LEFT", retryable: true };

  it("no wrap is moved under it, and none that is there is called current, until the mark is taken away", async () => {
    const [stale, fresh] = [await bear(), await bear()];
    await rewrapDek(under(newKey), fresh.id, { priority });
    await leave(newKey);
    home.aws.control.resetCounts();
    for (const { id } of [stale, fresh]) {
      await expect(rewrapDek(under(newKey), id, { priority })).rejects.toMatchObject({
        ...left,
        context: { keyArn: newKey, campaignId },
      });
    }
    expect(home.calls("ReEncrypt")).toBe(0);
    expect(await wrapOf(stale.id)).toEqual(stale.stored.wrap);
    await home.stores.state.returnToKey(newKey, { campaignId, marks: "own" });
    expect(await rewrapDek(under(newKey), stale.id, { priority })).toMatchObject({ kind: "rewrapped", keyArn: newKey });
  });

  it("wraps are moved away from it all the same", async () => {
    const { id } = await bear();
    await leave(oldKey);
    expect(await rewrapDek(under(newKey), id, { priority })).toMatchObject({ kind: "rewrapped", keyArn: newKey });
  });

  it("a worker that was suspended after it found no mark swaps nothing in", async () => {
    const { id, stored } = await bear();
    const clock = createManualClock();
    const reEncrypt: KmsGovernor["reEncrypt"] = async (...args) => {
      const answer = await home.kms.reEncrypt(...args);
      await leave(newKey);
      await clock.advance(30_000);
      return answer;
    };
    await expect(
      rewrapDek(under(newKey, { clock, kms: { region, reEncrypt } }), id, { priority }),
    ).rejects.toMatchObject({ code: "RUNTIME_DEADLINE_EXCEEDED", retryable: true });
    expect(await wrapOf(id)).toEqual(stored.wrap);
  });
});

describe("a wrap is refused, and left as it is,", () => {
  const expectRefused = async (id: string, code: string, deps = under(newKey)) => {
    const before = await wrapOf(id);
    expect(await rewrapDek(deps, id, { priority })).toMatchObject({ kind: "refused", error: { code } });
    expect(await wrapOf(id)).toEqual(before);
  };

  it("that came from another DEK", async () => {
    const [one, other] = [await bear(), await bear()];
    await tamper(one, { blob: other.stored.wrap.blob });
    await expectRefused(one.id, "DEKS_UNWRAP_REFUSED");
  });

  it("that names a key which the configuration does not list, before KMS is called with it", async () => {
    const born = await bear();
    await tamper(born, { keyArn: await home.createKey() });
    home.aws.control.resetCounts();
    await expectRefused(born.id, "DEKS_KEY_NOT_ALLOWED");
    expect(home.calls("ReEncrypt")).toBe(0);
  });

  it("that was made under a stranger's key and names one of ours", async () => {
    const born = await bear();
    const { CiphertextBlob: blob = new Uint8Array() } = await home.clients.kms.send(
      new EncryptCommand({
        KeyId: await home.createKey(),
        Plaintext: Buffer.alloc(32, 7),
        EncryptionContext: { ...born.stored.wrap.context },
      }),
    );
    await tamper(born, { blob });
    await expectRefused(born.id, "DEKS_UNWRAP_REFUSED");
  });

  it("whose context is not what DEK id, profile and scope say, whichever of the two items was changed", async () => {
    const [one, other] = [await bear(), await bear({ tenant: "dunes" })];
    const { get } = home.stores.deks;
    for (const part of ["dek", "wrap"] as const) {
      const mixed: DekStore["get"] = async (...args) => {
        const found = await get(...args);
        return found && { ...found, [part]: { ...found[part], context: other.stored[part].context } };
      };
      await expectRefused(
        one.id,
        "DEKS_CONTEXT_MISMATCH",
        under(newKey, { store: { ...home.stores.deks, get: mixed } }),
      );
    }
  });

  it("whose scope was changed in both items alike: KMS made it under another context", async () => {
    const { id, stored } = await bear();
    const { get } = home.stores.deks;
    const context = { ...stored.wrap.context, tenant: "dunes" };
    const moved: DekStore["get"] = async (...args) => {
      const found = await get(...args);
      return found && { dek: { ...found.dek, context }, wrap: { ...found.wrap, context } };
    };
    await expectRefused(id, "DEKS_UNWRAP_REFUSED", under(newKey, { store: { ...home.stores.deks, get: moved } }));
  });

  it("where KMS says that it used another key", async () => {
    const { id } = await bear();
    const elsewhere: KmsGovernor["reEncrypt"] = async (...args) => ({
      ...(await home.kms.reEncrypt(...args)),
      keyArn: oldKey,
    });
    await expectRefused(id, "DEKS_REWRAP_UNVERIFIED", under(newKey, { kms: { region, reEncrypt: elsewhere } }));
  });
});

it("a DEK that is not there is told", async () => {
  expect(await rewrapDek(under(newKey), "0190f000-0000-7000-8000-000000000000", { priority })).toEqual({
    kind: "not-found",
  });
});
