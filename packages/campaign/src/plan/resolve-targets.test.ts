import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { WrapPlace } from "./choose-places.ts";
import { type CampaignRequest, type ResolveTargetsDeps, resolveTargets } from "./resolve-targets.ts";
import { away, home, startTwoRegions, type TwoRegions } from "./testing/two-regions.ts";

const [alias, newAlias] = ["alias/pii", "alias/pii-new"];
const own: readonly WrapPlace[] = [home, away].map((region) => ({ store: { name: "dekhand", region } }));
const orders = (keys: readonly string[]): WrapPlace => ({ store: { name: "orders", region: home }, keys });

/** None has copies: those are the affair of find-followers.test.ts. */
const profiles = async () => ({});

describe("targets of a campaign", () => {
  let aws: TwoRegions;
  let old: Readonly<Record<string, string>>;
  let next: string;
  let deps: Omit<ResolveTargetsDeps, "all">;

  beforeAll(async () => {
    aws = await startTwoRegions();
    old = { [home]: await aws.createKey(home, alias), [away]: await aws.createKey(away, alias) };
    next = await aws.createKey(home, newAlias);
    await aws.rotate(home, old[home] ?? "");
    deps = {
      profiles,
      describeKey: (region, reference, options) => aws.kms(region).describeKey(reference, options),
      listKeyRotations: (region, keyArn, options) => aws.kms(region).listKeyRotations(keyArn, options),
    };
  });
  afterAll(() => aws[Symbol.asyncDispose]());

  const resolve = (request: Omit<CampaignRequest, "kind">, all = own) => {
    const kind = request.to === undefined ? "rotation" : "key";
    return resolveTargets({ kind, ...request }, { ...deps, all });
  };
  const refused = (code: string, message: string) =>
    expect.objectContaining({ code, message: expect.stringContaining(message) });

  it("are the keys that an alias stands for in each Region, with a lock for each", async () => {
    const there = await aws.createKey(away, "alias/both");
    const here = await aws.createKey(home, "alias/both");
    const { targets, locks, keys } = await resolve({ from: [alias], to: "alias/both" });
    expect(targets).toEqual([
      { store: "dekhand", region: home, sources: [old[home]], keyArn: here },
      { store: "dekhand", region: away, sources: [old[away]], keyArn: there },
    ]);
    expect(locks).toEqual([old[home] ?? "", old[away] ?? "", here, there].sort());
    expect(keys.map(({ arn, region, use }) => [arn, region, use])).toEqual([
      [old[home], home, "source"],
      [here, home, "target"],
      [old[away], away, "source"],
      [there, away, "target"],
    ]);
  });

  it("are of an ARN's own Region only, and of one that has the key by its id", async () => {
    const byArn = await resolve({ from: [old[home] ?? "", alias], to: next, regions: [home] });
    expect(byArn.targets).toEqual([{ store: "dekhand", region: home, sources: [old[home]], keyArn: next }]);
    const id = (old[home] ?? "").split("/").at(-1) ?? "";
    expect((await resolve({ from: [id], to: newAlias })).targets).toEqual(byArn.targets);
    expect((await resolve({ from: [old[home] ?? ""], to: newAlias })).targets).toEqual(byArn.targets);
  });

  it("ask no Region about an ARN of another", async () => {
    const asked: string[] = [];
    const describeKey: ResolveTargetsDeps["describeKey"] = (region, reference, options) => {
      asked.push(`${region} ${reference}`);
      return deps.describeKey(region, reference, options);
    };
    await resolveTargets({ kind: "key", from: [old[home] ?? ""], to: newAlias }, { describeKey, profiles, all: own });
    expect(asked).toEqual([`${home} ${old[home]}`, `${home} ${newAlias}`]);
  });

  it("of a rotation name its current material and when it became that", async () => {
    const { targets, locks, keys } = await resolve({ from: [alias], regions: [home] });
    const { material } = await aws.kms(home).describeKey(alias);
    const rotations = await aws.kms(home).listKeyRotations(old[home] ?? "");
    const rotatedAt = rotations.find((one) => one.material === material)?.rotatedAt;
    expect(rotatedAt).toMatch(/^20/);
    expect(targets).toEqual([
      { store: "dekhand", region: home, sources: [old[home]], keyArn: old[home], material, rotatedAt },
    ]);
    expect(locks).toEqual([old[home]]);
    expect(keys).toMatchObject([{ use: "source and target", rotations: [{}, { kind: "ON_DEMAND" }] }]);
  });

  it("of a rotation do without its time where KMS does not tell rotations", async () => {
    const { describeKey } = deps;
    const request = { kind: "rotation", from: [alias], regions: [home] } as const;
    const { targets } = await resolveTargets(request, { describeKey, profiles, all: own });
    expect(targets).toEqual([expect.objectContaining({ material: expect.stringMatching(/^[0-9a-f]{64}$/) })]);
    expect(targets[0]).not.toHaveProperty("rotatedAt");
  });

  it("of a rotation need one", async () => {
    await expect(resolve({ from: [alias] })).rejects.toEqual(
      refused("CAMPAIGN_NOT_ROTATED", `${old[away]} has not been rotated yet`),
    );
    const untold = async (region: string, reference: string) => {
      const { material: _, ...description } = await deps.describeKey(region, reference);
      return description;
    };
    const request = { kind: "rotation", from: [alias] } as const;
    await expect(resolveTargets(request, { describeKey: untold, profiles, all: own })).rejects.toEqual(
      refused("CAMPAIGN_NOT_ROTATED", "neither material nor rotations"),
    );
  });

  it("ask for rotations only where something follows from them", async () => {
    const asked: string[] = [];
    const describeKey: ResolveTargetsDeps["describeKey"] = async (region, reference, options) => ({
      ...(await deps.describeKey(region, reference, options)),
      ...(reference === alias ? { origin: "EXTERNAL" } : {}),
    });
    const listKeyRotations = async (_: string, keyArn: string) => {
      asked.push(keyArn);
      return [];
    };
    const all = { describeKey, listKeyRotations, profiles, all: own };
    const third = await aws.createKey(home);
    await resolveTargets({ kind: "key", from: [alias, third], to: newAlias, regions: [home] }, all);
    expect(asked.sort()).toEqual([old[home] ?? "", next].sort());
  });

  it("take in a store of others where its configuration lists a key to leave, or where it is named", async () => {
    const all = (keys: readonly string[]) => [...own, orders(keys)];
    const stores = async (request: Omit<CampaignRequest, "kind">, keys: readonly string[]) =>
      (await resolve(request, all(keys))).targets.map(({ store }) => store);
    const request = { from: [alias], to: newAlias, regions: [home] };
    expect(await stores(request, ["alias/gone", alias])).toEqual(["dekhand", "orders"]);
    expect(await stores(request, [newAlias])).toEqual(["dekhand"]);
    expect((await resolve(request, all([newAlias]))).leftOut).toEqual(["orders"]);
    expect(await stores({ ...request, stores: ["orders"] }, [newAlias])).toEqual(["orders"]);
    const named = { ...request, stores: ["orders"] };
    await expect(resolve(named, own)).rejects.toEqual(refused("CAMPAIGN_STORE_UNKNOWN", "no wrap store orders"));
  });

  it("are refused where a store or Region is named that does not go together with the rest", async () => {
    const all = [...own, orders([])];
    const request = { from: [alias], to: newAlias };
    await expect(resolve({ ...request, regions: ["sa-east-1"] }, all)).rejects.toEqual(
      refused("CAMPAIGN_STORE_UNKNOWN", "no wrap store stands in sa-east-1"),
    );
    await expect(resolve({ ...request, stores: ["dekhand", "orders"], regions: [away] }, all)).rejects.toEqual(
      refused("CAMPAIGN_STORE_UNKNOWN", "orders stands in none of the Regions"),
    );
    await expect(resolve({ from: [next], to: alias, regions: [away, home] })).rejects.toEqual(
      refused("CAMPAIGN_KEY_MISSING", `${away} has none of the keys to leave`),
    );
  });

  it("are refused where a key is missing", async () => {
    await expect(resolve({ from: [alias, "alias/gone"], to: newAlias, regions: [home] })).rejects.toEqual(
      refused("CAMPAIGN_KEY_MISSING", `alias/gone exists in no Region that has a store asked for: ${home}`),
    );
    await expect(resolve({ from: [alias], to: newAlias })).rejects.toEqual(
      refused("CAMPAIGN_KEY_MISSING", `${newAlias}, the key to move to, does not exist in ${away}`),
    );
    await expect(resolve({ from: [alias], to: newAlias, regions: [home] }, [orders([newAlias])])).rejects.toEqual(
      refused("CAMPAIGN_KEY_MISSING", "no wrap store lists a key to leave"),
    );
  });

  it("are refused where the request contradicts itself", async () => {
    const invalid = (message: string) => refused("CAMPAIGN_PLAN_INVALID", message);
    await expect(resolve({ from: [alias, next], to: newAlias, regions: [home] })).rejects.toEqual(
      invalid(`the key to move to is one of those to leave: ${next}`),
    );
    await expect(resolve({ from: [alias, next], regions: [home] })).rejects.toEqual(invalid("one key a Region"));
    await expect(resolve({ from: [], to: next })).rejects.toEqual(invalid("needs a key to leave"));
    const all = { ...deps, all: own };
    const to = { from: [alias], to: next };
    await expect(resolveTargets({ kind: "rotation", ...to }, all)).rejects.toEqual(invalid("none to move to"));
    await expect(resolveTargets({ kind: "key", from: [alias] }, all)).rejects.toEqual(invalid("needs one to move to"));
  });

  it("are not guessed where KMS cannot be asked", async () => {
    const failure = new Error("away");
    const describeKey = async () => {
      throw failure;
    };
    await expect(resolveTargets({ kind: "rotation", from: [alias] }, { describeKey, profiles, all: own })).rejects.toBe(
      failure,
    );
  });
});
