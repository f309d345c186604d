import { CreateKeyCommand, ReplicateKeyCommand } from "@aws-sdk/client-kms";
import { recoverDek } from "@dekhand/envelope";
import type { Profile, Replica } from "@dekhand/runtime";
import type { DekWithWrap } from "@dekhand/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createEncryptDeks } from "./encrypt-deks.ts";
import { createKeyDirectory } from "./key-directory.ts";
import { makeReplicaWrap, type ReplicaWrap, type ReplicaWrapDeps } from "./replica-wrap.ts";
import { createReplicaWraps } from "./replica-wrap-birth.ts";
import { createBridgeKeys } from "./replica-wrap-bridge.ts";
import { away, home, profileIn, startTwoRegions, type TwoRegions } from "./testing/two-regions.ts";

let regions: TwoRegions;
beforeAll(async () => {
  regions = await startTwoRegions();
});
afterAll(() => regions[Symbol.asyncDispose]());
beforeEach(() => {
  regions.aws.control.clearFaults();
});

type Strategy = Pick<Replica, "key" | "strategy" | "bridge">;

/** A profile whose replica Region comes by its wraps so. */
const profiles = {
  async "multi-region"() {
    const { atHome, there } = await regions.createRelatedKeys();
    return profileIn(atHome, { key: there, strategy: "multi-region" });
  },
  async encrypt() {
    return profileIn(await regions.createKey(home), { key: await regions.createKey(away), strategy: "encrypt" });
  },
  async bridge() {
    const { KeyMetadata } = await regions.client(home).send(new CreateKeyCommand({ MultiRegion: true }));
    const bridge = KeyMetadata?.KeyId ?? "";
    await regions.client(home).send(new ReplicateKeyCommand({ KeyId: bridge, ReplicaRegion: away }));
    const replica: Strategy = { key: await regions.createKey(away), strategy: "bridge", bridge };
    return profileIn(await regions.createKey(home), replica);
  },
} satisfies Record<Replica["strategy"], () => Promise<Profile>>;

function depsFor(profile: Profile) {
  const { kms, logger } = regions;
  return {
    keys: createKeyDirectory({ profiles: { [profile.name]: profile }, kms, logger }),
    kms,
    state: (region: string) => regions.stores(region).state,
    bridges: createBridgeKeys({ kms }),
  };
}

/** A DEK of the profile; what births make for its replica Region is made where `budgetMs` is given. */
async function bear(
  profile: Profile,
  options: { budgetMs?: number; birth?: ReturnType<typeof createReplicaWraps> } = {},
) {
  const { kms, logger, metrics } = regions;
  const deps = depsFor(profile);
  const { budgetMs } = options;
  const made = budgetMs === undefined ? undefined : createReplicaWraps({ ...deps, logger, metrics, budgetMs });
  const replicaWraps = options.birth ?? made;
  const deks = createEncryptDeks({
    ...{ keys: deps.keys, kms, logger, metrics },
    store: (region) => regions.stores(region).deks,
    state: (region) => regions.stores(region).state,
    ...(replicaWraps ? { replicaWraps } : {}),
  });
  try {
    const startedAt = performance.now();
    using lease = await deks.acquire({ profile, context: { tenant: crypto.randomUUID() }, bytes: 1 });
    const ms = performance.now() - startedAt;
    const stored = (await regions.stores(home).deks.get(lease.dek.id, home)) ?? expect.fail("a born DEK is stored");
    return { dekId: lease.dek.id, stored, ms };
  } finally {
    deks.close();
  }
}

/** Calls that use a key, by Region and operation; those are counted from here on. */
function countCalls() {
  regions.aws.control.resetCounts();
  return () =>
    Object.fromEntries(
      Object.entries(regions.aws.control.callCounts()).flatMap(([region, { kms }]) =>
        Object.entries(kms).flatMap(([operation, { calls }]) =>
          operation === "DescribeKey" || calls === 0 ? [] : [[`${region} ${operation}`, calls]],
        ),
      ),
    );
}

/** Unwraps in the replica Region, and checks what comes out against the DEK's commitment. */
async function requireOpens({ dek }: DekWithWrap, wrap: ReplicaWrap): Promise<void> {
  const { keyArn, blob } = wrap;
  const { plaintext } = await regions.kms(away).decrypt({ keyArn, blob, context: dek.context });
  recoverDek(dek.dekId, plaintext, dek.commitment)[Symbol.dispose]();
}

describe("a replica Region's wrap", () => {
  it.each([
    ["multi-region", {}],
    ["encrypt", { [`${home} Decrypt`]: 1, [`${away} Encrypt`]: 1 }],
    ["bridge", { [`${home} ReEncrypt`]: 1, [`${away} ReEncrypt`]: 1 }],
  ] as const)("of strategy %s opens there, after these calls to KMS: %j", async (strategy, calls) => {
    const profile = await profiles[strategy]();
    const { stored } = await bear(profile);
    const count = countCalls();
    const wrap = await makeReplicaWrap({ profile, region: away, ...stored }, depsFor(profile));
    expect(count()).toEqual(calls);
    expect(wrap).toMatchObject({
      region: away,
      keyArn: expect.stringContaining(`:${away}:`),
      context: stored.dek.context,
    });
    await requireOpens(stored, wrap);
  });

  it("says the key material where KMS tells it", async () => {
    const material = async (strategy: keyof typeof profiles) => {
      const profile = await profiles[strategy]();
      const { stored } = await bear(profile);
      return [stored, await makeReplicaWrap({ profile, region: away, ...stored }, depsFor(profile))] as const;
    };
    const [stored, copied] = await material("multi-region");
    expect(copied).toMatchObject({ material: stored.wrap.material, wrappedAt: stored.wrap.wrappedAt });
    expect((await material("bridge"))[1].material).toMatch(/^[0-9a-f]{64}$/);
    expect((await material("encrypt"))[1]).not.toHaveProperty("material");
  });

  it("is made by no call where home's wrap names a key that the profile does not list", async () => {
    for (const strategy of ["multi-region", "encrypt", "bridge"] as const) {
      const profile = await profiles[strategy]();
      const { stored } = await bear(profile);
      const wrap = { ...stored.wrap, keyArn: await regions.createKey(home) };
      const count = countCalls();
      const made = makeReplicaWrap({ profile, region: away, dek: stored.dek, wrap }, depsFor(profile));
      await expect(made).rejects.toMatchObject({ code: "DEKS_KEY_NOT_ALLOWED", retryable: false });
      expect(count()).toEqual({});
    }
  });

  it("is made by no call where DEK and wrap do not agree on whose they are", async () => {
    const profile = await profiles.encrypt();
    const [{ stored }, { stored: other }] = await Promise.all([bear(profile), bear(profile)]);
    const count = countCalls();
    const made = makeReplicaWrap({ profile, region: away, dek: stored.dek, wrap: other.wrap }, depsFor(profile));
    await expect(made).rejects.toMatchObject({ code: "DEKS_CONTEXT_MISMATCH" });
    expect(count()).toEqual({});
  });

  it("of a multi-Region key is no copy of a wrap under a key that is not related to the Region's", async () => {
    const { there } = await regions.createRelatedKeys();
    const profile = profileIn(await regions.createKey(home), { key: there, strategy: "multi-region" });
    const { stored } = await bear(profile);
    const made = makeReplicaWrap({ profile, region: away, ...stored }, depsFor(profile));
    await expect(made).rejects.toMatchObject({ code: "DEKS_KEY_UNSUITABLE", retryable: true });
  });

  it.each(["encrypt", "bridge"] as const)(
    "of strategy %s is not taken where KMS names another key",
    async (strategy) => {
      const profile = await profiles[strategy]();
      const { stored } = await bear(profile);
      const deps = depsFor(profile);
      const stranger = await regions.createKey(away);
      const kms: ReplicaWrapDeps["kms"] = (region) => {
        const real = regions.kms(region);
        return {
          decrypt: real.decrypt,
          encrypt: async (...args) => ({ ...(await real.encrypt(...args)), keyArn: stranger }),
          reEncrypt: async (...args) => ({ ...(await real.reEncrypt(...args)), keyArn: stranger }),
        };
      };
      const made = makeReplicaWrap({ profile, region: away, ...stored }, { ...deps, kms });
      await expect(made).rejects.toMatchObject({ code: "DEKS_REWRAP_UNVERIFIED", retryable: false });
    },
  );

  it("is not made under a key that a campaign has left", async () => {
    for (const strategy of ["encrypt", "bridge"] as const) {
      const profile = await profiles[strategy]();
      const { stored } = await bear(profile);
      const keyArn = profile.replicas[away]?.key ?? "";
      await regions.stores(away).state.leaveKey({ keyArn, campaignId: "c", at: new Date().toISOString() });
      const count = countCalls();
      const made = makeReplicaWrap({ profile, region: away, ...stored }, depsFor(profile));
      await expect(made).rejects.toMatchObject({ code: "DEKS_KEY_LEFT", retryable: true });
      expect(count()).toEqual({});
    }
  });
});

describe("a DEK's birth", () => {
  it.each(["multi-region", "encrypt", "bridge"] as const)(
    "leaves home's table with the replica Region's wrap beside its own, by strategy %s",
    async (strategy) => {
      const { dekId, stored } = await bear(await profiles[strategy](), { budgetMs: 10_000 });
      const copy = (await regions.stores(home).deks.get(dekId, away)) ?? expect.fail("it was there in time");
      await requireOpens(stored, copy.wrap);
    },
  );

  it("waits for a slow Region no longer than the budget, and not at all by the next births", async () => {
    const profile = await profiles.encrypt();
    const deps = depsFor(profile);
    await deps.keys.current(profile.name, { region: away });
    const { logger, metrics } = regions;
    const birth = createReplicaWraps({ ...deps, logger, metrics, budgetMs: 300 });
    regions.aws.control.setLatency(away, 2_000, { service: "kms" });
    const count = countCalls();
    const first = await bear(profile, { birth });
    expect(first.ms).toBeGreaterThanOrEqual(290);
    expect(first.ms).toBeLessThan(2_000);
    expect(await regions.stores(home).deks.get(first.dekId, away)).toBeUndefined();
    await Promise.all(Array.from({ length: 10 }, () => bear(profile, { birth })));
    expect(count()).toEqual({ [`${home} GenerateDataKey`]: 11, [`${away} Encrypt`]: 1 });
  });

  it("succeeds while the replica Region is away", async () => {
    const profile = await profiles.encrypt();
    regions.aws.control.cutOff(away, true);
    const { dekId, stored } = await bear(profile, { budgetMs: 300 });
    expect(stored.dek.dekId).toBe(dekId);
  });

  it("wipes the bytes that replica Regions' wraps were made from", async () => {
    const profile = await profiles.encrypt();
    let key: Uint8Array | undefined;
    let asGiven: Uint8Array | undefined;
    const birth: ReturnType<typeof createReplicaWraps> = {
      async atBirth(request) {
        key = request.key;
        asGiven = request.key && Uint8Array.from(request.key);
        return [];
      },
    };
    await bear(profile, { birth });
    expect(asGiven?.some((byte) => byte !== 0)).toBe(true);
    expect(key?.every((byte) => byte === 0)).toBe(true);
  });

  it("makes no call more where the profile has no replica Regions", async () => {
    const profile = { ...(await profiles.encrypt()), replicas: {} };
    const deps = depsFor(profile);
    await deps.keys.current(profile.name);
    const count = countCalls();
    await bear(profile, { budgetMs: 300 });
    expect(count()).toEqual({ [`${home} GenerateDataKey`]: 1 });
  });
});
