import { UpdateAliasCommand } from "@aws-sdk/client-kms";
import { createManualClock } from "@dekhand/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createKeyDirectory } from "./key-directory.ts";
import { away, home, profileIn, startTwoRegions, type TwoRegions } from "./testing/two-regions.ts";

let regions: TwoRegions;
let atHome: string;
let there: string;

beforeAll(async () => {
  regions = await startTwoRegions();
  atHome = await regions.createKey(home);
  there = await regions.createKey(away);
});
afterEach(() => regions.aws.control.clearFaults());
afterAll(() => regions[Symbol.asyncDispose]());

const open = (...profile: Parameters<typeof profileIn>) => {
  const clock = createManualClock();
  const { kms, logger } = regions;
  return { clock, keys: createKeyDirectory({ profiles: { people: profileIn(...profile) }, kms, logger, clock }) };
};

const cut = (region: string) => regions.aws.control.cutOff(region, true);
const arnOf = async (key: Promise<{ readonly arn: string }>) => (await key).arn;

describe("a profile's keys in two Regions", () => {
  it("are each Region's own; without a Region it is the home's", async () => {
    const { keys } = open(atHome, { key: there });
    expect(await arnOf(keys.current("people"))).toBe(atHome);
    expect(keys.resolved()).toMatchObject({ people: { [home]: { arn: atHome, region: home } } });
    expect(await arnOf(keys.current("people", { region: away }))).toBe(there);
    expect(keys.resolved()).toMatchObject({
      people: { [home]: { arn: atHome }, [away]: { arn: there, region: away } },
    });
  });

  it.each([
    [home, away],
    [away, home],
  ])("are found in a Region while the other, %s, is cut off", async (dead, alive) => {
    const { keys } = open(atHome, { key: there });
    cut(dead);
    const arn = alive === home ? atHome : there;
    expect(await arnOf(keys.current("people", { region: alive }))).toBe(arn);
    expect(await keys.allows("people", arn)).toBe(true);
    await expect(keys.current("people", { region: dead })).rejects.toMatchObject({ retryable: true });
    expect(Object.keys(keys.resolved().people ?? {})).toEqual([alive]);
  });

  it("are none in a Region that the profile does not have, which an operator may mend", async () => {
    const { keys } = open(atHome, { key: there });
    await expect(keys.current("people", { region: "sa-east-1" })).rejects.toMatchObject({
      code: "DEKS_REGION_UNKNOWN",
      retryable: true,
      context: { profile: "people", region: "sa-east-1" },
    });
  });

  it("are watched in each Region, and a change tells where it was", async () => {
    const other = await regions.createKey(away);
    const AliasName = "alias/watched";
    await regions.createAlias(away, AliasName, there);
    const { keys, clock } = open(atHome, { key: AliasName });
    const changes: string[][] = [];
    keys.onChange((...change) => changes.push(change));
    await keys.current("people");
    await keys.current("people", { region: away });
    await regions.client(away).send(new UpdateAliasCommand({ AliasName, TargetKeyId: other }));
    await clock.advance(61_000);
    await keys.current("people");
    expect(await arnOf(keys.current("people", { region: away }))).toBe(other);
    expect(changes).toEqual([["people", away]]);
  });
});

describe("a wrap's key", () => {
  it("is allowed where it is one of the Region that its ARN names, current or retiring", async () => {
    const old = await regions.createKey(away);
    const { keys } = open(atHome, { key: there, retiring: [old] });
    for (const arn of [atHome, there, old]) expect(await keys.allows("people", arn)).toBe(true);
    const elsewhere = (arn: string, region: string) => arn.replace(/:kms:[^:]+:/, `:kms:${region}:`);
    for (const stranger of [elsewhere(atHome, away), elsewhere(old, home), elsewhere(there, "sa-east-1"), "alias/a"])
      expect(await keys.allows("people", stranger), stranger).toBe(false);
  });

  it("of another Region of the profile is refused for a wrap that is not there", async () => {
    const { keys } = open(atHome, { key: there });
    expect(await keys.allows("people", there, { region: home })).toBe(false);
    expect(await keys.allows("people", there, { region: away })).toBe(true);
  });
});

describe("a replica Region's key under the strategy multi-region", () => {
  const current = (profile: Parameters<typeof profileIn>, options: { standalone?: boolean } = {}) =>
    open(...profile).keys.current("people", { region: away, ...options });
  const unsuitable = { code: "DEKS_KEY_UNSUITABLE", retryable: true, context: { region: away } };
  const strategy = "multi-region";

  it("has to be related to the home's", async () => {
    const related = await regions.createRelatedKeys();
    const others = await regions.createRelatedKeys();
    expect(await arnOf(current([related.atHome, { key: related.there, strategy }]))).toBe(related.there);
    await expect(current([related.atHome, { key: others.there, strategy }])).rejects.toMatchObject(unsuitable);
    await expect(current([related.atHome, { key: there, strategy }])).rejects.toMatchObject(unsuitable);
  });

  it("is judged by itself while the home Region is cut off and its key is not known", async () => {
    const related = await regions.createRelatedKeys();
    cut(home);
    expect(await arnOf(current(["alias/home", { key: related.there, strategy }]))).toBe(related.there);
    await expect(current(["alias/home", { key: there, strategy }])).rejects.toMatchObject(unsuitable);
  });

  it("makes DEKs of its own Region whatever it is related to", async () => {
    expect(await arnOf(current([atHome, { key: there, strategy }], { standalone: true }))).toBe(there);
  });
});
