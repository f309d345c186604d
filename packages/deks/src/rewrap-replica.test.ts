import { RotateKeyOnDemandCommand } from "@aws-sdk/client-kms";
import { type Profile, profileAt } from "@dekhand/runtime";
import type { DekStore } from "@dekhand/store";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createEncryptDeks } from "./encrypt-deks.ts";
import { createKeyDirectory } from "./key-directory.ts";
import { makeReplicaWrap } from "./replica-wrap.ts";
import { createBridgeKeys } from "./replica-wrap-bridge.ts";
import { type RewrapDekDeps, type RewrapOutcome, rewrapDek } from "./rewrap-dek.ts";
import { away, home, profileIn, startTwoRegions, type TwoRegions } from "./testing/two-regions.ts";

let regions: TwoRegions;
beforeAll(async () => {
  regions = await startTwoRegions();
});
afterAll(() => regions[Symbol.asyncDispose]());

const keysOf = (profile: Profile) =>
  createKeyDirectory({ profiles: { [profile.name]: profile }, kms: regions.kms, logger: regions.logger });

/** A DEK of the profile, with a wrap in both Regions. */
async function bear(profile: Profile): Promise<string> {
  const { kms, stores, logger, metrics } = regions;
  const keys = keysOf(profile);
  const state = (region: string) => stores(region).state;
  const deks = createEncryptDeks({ keys, kms, store: (region) => stores(region).deks, state, logger, metrics });
  using lease = await deks.acquire({ profile, context: { tenant: crypto.randomUUID() }, bytes: 1 });
  const dekId = lease.dek.id;
  deks.close();
  const { dek, wrap } = (await stores(home).deks.get(dekId, home)) ?? expect.fail("a born DEK is stored");
  const deps = { keys, kms, state, bridges: createBridgeKeys({ kms }) };
  const there = await makeReplicaWrap({ profile, region: away, dek, wrap }, deps);
  await stores(away).deks.putDekCopy(dek);
  await stores(away).deks.putWrapCopy(dekId, there, "absent");
  return dekId;
}

interface RewrapOptions {
  /** Where the profile's home is by now. */
  readonly homeNow?: string;
  readonly store?: Partial<RewrapDekDeps["store"]>;
}

function rewrapIn(
  region: string,
  profile: Profile,
  dekId: string,
  { homeNow = home, store }: RewrapOptions = {},
): Promise<RewrapOutcome> {
  const { deks, state } = regions.stores(region);
  const moved = profileAt(profile, homeNow) ?? expect.fail("it is one of its Regions");
  const homeOf = async () => ({ profile: moved, store: regions.stores(homeNow).deks });
  const deps = { keys: keysOf(profile), kms: regions.kms(region), store: { ...deks, ...store }, state, homeOf };
  return rewrapDek(deps, dekId, { priority: "campaign" });
}

const wrapIn = async (region: string, dekId: string) =>
  (await regions.stores(region).deks.get(dekId, region))?.wrap ?? expect.fail(`no wrap in ${region}`);

const cryptographic = ["Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey"];
const callsIn = (region: string) =>
  cryptographic.reduce(
    (sum, operation) => sum + (regions.aws.control.callCounts()[region]?.kms[operation]?.calls ?? 0),
    0,
  );

async function relatedProfile(): Promise<Profile> {
  const { atHome, there } = await regions.createRelatedKeys();
  return profileIn(atHome, { key: there, strategy: "multi-region" });
}

it("a copy under a related key is brought to what home has, without KMS, and then is current", async () => {
  const profile = await relatedProfile();
  const dekId = await bear(profile);
  await regions.client(home).send(new RotateKeyOnDemandCommand({ KeyId: profile.key }));
  expect(await rewrapIn(home, profile, dekId)).toMatchObject({ kind: "rewrapped" });
  const atHome = await wrapIn(home, dekId);
  const there = profile.replicas[away]?.key ?? "";

  regions.aws.control.resetCounts();
  const { material = "" } = atHome;
  expect(await rewrapIn(away, profile, dekId)).toEqual({ kind: "rewrapped", keyArn: there, material });
  expect(await wrapIn(away, dekId)).toEqual({ ...atHome, region: away, keyArn: there });
  expect(await rewrapIn(away, profile, dekId)).toEqual({ kind: "current", keyArn: there, material });
  expect(callsIn(home) + callsIn(away)).toBe(0);
});

it("after a failover, the old home's wrap is the copy", async () => {
  const profile = await relatedProfile();
  const dekId = await bear(profile);
  await regions.client(home).send(new RotateKeyOnDemandCommand({ KeyId: profile.key }));
  const homeNow = away;
  expect(await rewrapIn(away, profile, dekId, { homeNow })).toMatchObject({ kind: "rewrapped" });
  regions.aws.control.resetCounts();
  expect(await rewrapIn(home, profile, dekId, { homeNow })).toMatchObject({ kind: "rewrapped", keyArn: profile.key });
  expect(callsIn(home) + callsIn(away)).toBe(0);
  expect((await wrapIn(home, dekId)).blob).toEqual((await wrapIn(away, dekId)).blob);
});

it("a wrap under a key of the replica Region's own is rewrapped there, and home's KMS is not asked", async () => {
  const [atHome, there] = [await regions.createKey(home), await regions.createKey(away)];
  const profile = profileIn(atHome, { key: there, strategy: "encrypt" });
  const dekId = await bear(profile);
  const before = await wrapIn(home, dekId);
  await regions.client(away).send(new RotateKeyOnDemandCommand({ KeyId: there }));
  regions.aws.control.resetCounts();
  expect(await rewrapIn(away, profile, dekId)).toMatchObject({ kind: "rewrapped", keyArn: there });
  expect([callsIn(home), callsIn(away)]).toEqual([0, 1]);
  expect(await wrapIn(home, dekId)).toEqual(before);
  const { blob, context, material } = await wrapIn(away, dekId);
  const opened = await regions.kms(away).decrypt({ keyArn: there, blob, context });
  expect(opened.material).toBe(material);
});

it("a copy whose wrap home does not have is left as it is", async () => {
  const profile = await relatedProfile();
  const dekId = await bear(profile);
  const before = await wrapIn(away, dekId);
  const homeOf = async () => ({ profile, store: { get: async () => undefined } });
  const { deks: store, state } = regions.stores(away);
  const deps = { keys: keysOf(profile), kms: regions.kms(away), store, state, homeOf };
  expect(await rewrapDek(deps, dekId, { priority: "campaign" })).toEqual({ kind: "not-found" });
  expect(await wrapIn(away, dekId)).toEqual(before);
});

it("a copy that somebody else changes meanwhile is read again before it is replaced", async () => {
  const profile = await relatedProfile();
  const dekId = await bear(profile);
  await regions.client(home).send(new RotateKeyOnDemandCommand({ KeyId: profile.key }));
  await rewrapIn(home, profile, dekId);
  const { deks } = regions.stores(away);
  let calls = 0;
  const putWrapCopy: DekStore["putWrapCopy"] = async (...args) => {
    calls += 1;
    if (calls === 1) {
      const { blob, keyArn } = await wrapIn(away, dekId);
      const other = { blob: Buffer.from("other"), keyArn, wrappedAt: new Date(0).toISOString() };
      expect(await deks.swapWrap(dekId, away, blob, other)).toBe("swapped");
    }
    return deks.putWrapCopy(...args);
  };
  expect(await rewrapIn(away, profile, dekId, { store: { putWrapCopy } })).toMatchObject({ kind: "rewrapped" });
  expect(calls).toBe(2);
  expect((await wrapIn(away, dekId)).blob).toEqual((await wrapIn(home, dekId)).blob);
});
