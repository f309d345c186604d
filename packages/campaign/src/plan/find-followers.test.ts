import { type Profile, type Replica, toDeploymentConfig } from "@dekhand/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WrapPlace } from "./choose-places.ts";
import { type CampaignRequest, type ResolveTargetsDeps, resolveTargets } from "./resolve-targets.ts";
import { away, home, type RelatedKeys, startTwoRegions, type TwoRegions } from "./testing/two-regions.ts";

const own: readonly WrapPlace[] = [home, away].map((region) => ({ store: { name: "dekhand", region } }));
const [alias, newAlias] = ["alias/pii", "alias/pii-new"];

describe("copies in a replica Region", () => {
  let aws: TwoRegions;
  let [old, next]: RelatedKeys[] = [];
  /** Of one Region only. */
  let single: string;
  let asked: string[] = [];

  beforeAll(async () => {
    aws = await startTwoRegions();
    [old, next] = [await aws.createRelatedKeys(alias), await aws.createRelatedKeys(newAlias)];
    single = await aws.createKey(home);
    await aws.rotate(home, old.atHome);
  });
  afterAll(() => aws[Symbol.asyncDispose]());

  const keys = () => (old && next ? { old, next } : expect.fail("keys are created first"));
  const profileWith = (changes: Partial<Replica> & { readonly homeKeys?: readonly string[] } = {}): object => {
    const { homeKeys: [key, ...retiring] = [keys().old.atHome, keys().next.atHome, single], ...replica } = changes;
    const there = { key: keys().old.there, retiring: [keys().next.there], strategy: "multi-region", ...replica };
    return { home, key, retiring, replicas: { [away]: there } };
  };

  const resolve = (
    request: Omit<CampaignRequest, "kind">,
    profiles: Readonly<Record<string, object>> = { people: profileWith() },
    all = own,
  ) => {
    asked = [];
    const deployment = { prefix: "t", regions: [home, away], control: home, profiles };
    const config: Readonly<Record<string, Profile>> = toDeploymentConfig(deployment, "test").profiles;
    const deps: ResolveTargetsDeps = {
      all,
      profiles: async () => config,
      describeKey: (region, reference, options) => aws.kms(region).describeKey(reference, options),
      listKeyRotations(region, keyArn, options) {
        asked.push(keyArn);
        return aws.kms(region).listKeyRotations(keyArn, options);
      },
    };
    return resolveTargets({ kind: request.to === undefined ? "rotation" : "key", ...request }, deps);
  };
  const refused = (code: string, message: string) =>
    expect.objectContaining({ code, message: expect.stringContaining(message) });
  const follows = { homes: { people: home }, all: true };

  it("follow home's key by its ARN, and their keys are locked with it", async () => {
    const { targets, locks, keys: concerned } = await resolve({ from: [keys().old.atHome], to: keys().next.atHome });
    const target = { store: "dekhand", region: away, sources: [keys().old.there], keyArn: keys().next.there };
    expect(targets).toEqual([
      { store: "dekhand", region: home, sources: [keys().old.atHome], keyArn: keys().next.atHome },
      { ...target, follows },
    ]);
    expect(locks).toEqual([keys().old, keys().next].flatMap(({ atHome, there }) => [atHome, there]).sort());
    expect(concerned.map(({ arn, region, use }) => [arn, region, use])).toEqual([
      [keys().old.atHome, home, "source"],
      [keys().next.atHome, home, "target"],
      [keys().old.there, away, "source"],
      [keys().next.there, away, "target"],
    ]);
  });

  it("follow an alias that stands for the related keys in both Regions", async () => {
    const byAlias = await resolve({ from: [alias], to: newAlias });
    expect(byAlias).toEqual(await resolve({ from: [keys().old.atHome], to: keys().next.atHome }));
  });

  it("of a rotation go to home's material, which the replica Region is not asked about", async () => {
    const { targets, locks } = await resolve({ from: [keys().old.atHome] });
    const [atHome, there] = targets;
    expect(there).toMatchObject({ keyArn: keys().old.there, sources: [keys().old.there], follows });
    expect([there?.material, there?.rotatedAt]).toEqual([atHome?.material, atHome?.rotatedAt]);
    expect(atHome?.material).toMatch(/^[0-9a-f]{64}$/);
    expect(asked).toEqual([keys().old.atHome]);
    expect(locks).toEqual([keys().old.atHome, keys().old.there].sort());
  });

  it("stay behind where home alone is asked for, and do not go alone", async () => {
    const request = { from: [alias], to: newAlias };
    expect((await resolve({ ...request, regions: [home] })).targets.map(({ region }) => region)).toEqual([home]);
    await expect(resolve({ ...request, regions: [away] })).rejects.toEqual(
      refused("CAMPAIGN_PLAN_INVALID", `copies of those in ${home}: take in that Region, too`),
    );
    const there = { from: [keys().old.there], to: keys().next.there };
    await expect(resolve(there)).rejects.toEqual(refused("CAMPAIGN_PLAN_INVALID", "name the key there, too"));
  });

  it("are taken in where their Region is asked for with home's, by home's ARN alone", async () => {
    const request = { from: [keys().old.atHome], to: keys().next.atHome, regions: [home, away] };
    expect((await resolve(request)).targets.map(({ region }) => region)).toEqual([home, away]);
  });

  it("are not alone where another profile has wraps of its own under the related key", async () => {
    const { there } = keys().old;
    const orders = { home: away, key: there };
    const { targets } = await resolve({ from: [alias], to: newAlias }, { people: profileWith(), orders });
    expect(targets[1]?.follows).toEqual({ ...follows, all: false });
  });

  it("are none of a profile that does not list the key, nor of a Region with a key of its own", async () => {
    const key = await aws.createKey(away);
    const encrypt = profileWith({ key, retiring: [], strategy: "encrypt" });
    const request = { from: [keys().old.atHome], to: keys().next.atHome };
    const elsewhere = { homeKeys: [keys().next.atHome], key: keys().next.there, retiring: [] };
    const others = { people: encrypt, orders: profileWith(elsewhere) };
    expect((await resolve(request, others)).targets.map(({ region }) => region)).toEqual([home]);
  });

  it("are none of wraps under a key of one Region", async () => {
    const { targets } = await resolve({ from: [single], to: keys().next.atHome });
    expect(targets.map(({ region, sources }) => [region, sources])).toEqual([[home, [single]]]);
  });

  it("do not take in stores of others in their Region", async () => {
    const orders: WrapPlace = { store: { name: "orders", region: away }, keys: [keys().old.there] };
    const request = { from: [keys().old.atHome], to: keys().next.atHome };
    const { targets } = await resolve(request, undefined, [...own, orders]);
    expect(targets.map(({ store, region }) => [store, region])).toEqual([
      ["dekhand", home],
      ["dekhand", away],
    ]);
  });

  it("keep home's key from going to one that they could not follow to", async () => {
    const from = [keys().old.atHome];
    await expect(resolve({ from, to: single })).rejects.toEqual(
      refused("CAMPAIGN_PLAN_INVALID", `which need a multi-Region key: ${single} is none`),
    );
    const unreplicated = await aws.createKey(home, undefined, { MultiRegion: true });
    await expect(resolve({ from, to: unreplicated })).rejects.toEqual(
      refused("CAMPAIGN_KEY_MISSING", `has no related key in ${away}`),
    );
  });

  it("are refused where their Region's wraps would have to go to two keys", async () => {
    const [oldOwn, newOwn] = [await aws.createKey(away), await aws.createKey(away, "alias/both")];
    const { atHome } = await aws.createRelatedKeys();
    await aws.createAlias(home, "alias/both", atHome);
    const orders = { home: away, key: newOwn, retiring: [oldOwn] };
    const people = profileWith({ homeKeys: [keys().old.atHome, atHome] });
    const request = { from: [keys().old.atHome, oldOwn], to: "alias/both" };
    await expect(resolve(request, { people, orders })).rejects.toEqual(
      refused("CAMPAIGN_PLAN_INVALID", `the wraps in ${away} would have to go to different keys`),
    );
  });
});
