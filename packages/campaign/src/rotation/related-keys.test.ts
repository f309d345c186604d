import type { KeyDescription } from "@dekhand/kms";
import { eventually } from "@dekhand/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CampaignRegion, startCampaignRegion } from "../testing/campaign-region.ts";
import {
  profileFor,
  type WatchChanges,
  type WatchedDeployment,
  watchedDeployment,
} from "./testing/watched-deployment.ts";

const [home, away] = ["us-east-1", "eu-west-1"];
const keyId = "mrk-0123456789abcdef0123456789abcdef";
const arnIn = (region: string) => `arn:aws:kms:${region}:111122223333:key/${keyId}`;
const arns = [arnIn(home), arnIn(away)];
const [first, second] = ["11".repeat(32), "22".repeat(32)];
const rotations = [{ material: first }, { material: second, rotatedAt: "2026-10-01T00:00:00.000Z" }];

const describeMrk = (region: string, material: string): KeyDescription => ({
  arn: arnIn(region),
  enabled: true,
  state: "Enabled",
  usage: "ENCRYPT_DECRYPT",
  spec: "SYMMETRIC_DEFAULT",
  multiRegion: true,
  material,
});

/** Two profiles, each with its home in another Region, under related keys. */
describe("related multi-Region keys", () => {
  let aws: CampaignRegion;
  let deployment: WatchedDeployment;
  const profiles = [
    profileFor(arnIn(home), { name: "here", home }),
    profileFor("alias/there", { name: "there", home: away }),
  ];

  beforeAll(async () => {
    aws = await startCampaignRegion();
  });
  beforeEach(async () => {
    deployment = await watchedDeployment(aws);
  });
  afterEach(() => deployment[Symbol.asyncDispose]());
  afterAll(() => aws[Symbol.asyncDispose]());

  const watch = (describeKey: WatchChanges["describeKey"]) =>
    deployment.watch(profiles, {
      ...(describeKey ? { describeKey } : {}),
      listKeyRotations: async () => rotations,
      options: { pollMs: 10, retryMs: 10 },
    });
  const untilStarted = () => eventually(async () => (await deployment.allCampaigns())[0]?.status === "preflight");

  it("have one campaign for all Regions with wraps under them", async () => {
    await watch(async (region) => describeMrk(region, second));
    await untilStarted();
    const [campaign, ...others] = await deployment.allCampaigns();
    expect(others).toEqual([]);
    expect(campaign?.targets.map(({ region, keyArn, material }) => [region, keyArn, material])).toEqual([
      [home, arns[0], second],
      [away, arns[1], second],
    ]);
    expect(campaign?.locks).toEqual(arns.toSorted());
    expect(await deployment.state.listRotations(keyId)).toMatchObject([{ material: second, reason: "campaign" }]);
  });

  it("wait for a Region that cannot be asked, whose wraps would be left behind", async () => {
    let isAway = true;
    await watch(async (region) => {
      if (region === away && isAway) throw new Error("cut off");
      return describeMrk(region, second);
    });
    await eventually(() => deployment.logged.some((line) => line.includes("which may be related")));
    expect(await deployment.state.listRotations(keyId)).toEqual([]);
    isAway = false;
    await untilStarted();
    expect((await deployment.allCampaigns())[0]?.targets).toHaveLength(2);
  });

  it("wait until every Region has the new material", async () => {
    let thereNow = first;
    await watch(async (region) => describeMrk(region, region === home ? second : thereNow));
    await eventually(() => deployment.logged.some((line) => line.includes("the same everywhere")));
    expect(await deployment.state.listRotations(keyId)).toEqual([]);
    thereNow = second;
    await untilStarted();
  });
});
