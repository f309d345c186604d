import { type Profile, profileAt, type ReplicaStrategy } from "@dekhand/runtime";
import { StoreError } from "@dekhand/store";
import { eventually } from "@dekhand/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { away, home, startTwoRegions, type TwoRegions } from "../plan/testing/two-regions.ts";
import { type CampaignRegion, startCampaignRegion } from "../testing/campaign-region.ts";
import { keyIdOf, profileFor, tell, type WatchedDeployment, watchedDeployment } from "./testing/watched-deployment.ts";

describe("a rotation watch, of a profile with a replica Region,", () => {
  let tables: CampaignRegion;
  let aws: TwoRegions;
  let deployment: WatchedDeployment;
  let homeNow: string;

  beforeAll(async () => {
    [tables, aws] = await Promise.all([startCampaignRegion(), startTwoRegions()]);
  });
  beforeEach(async () => {
    homeNow = home;
    deployment = await watchedDeployment(tables);
  });
  afterEach(async () => {
    aws.aws.control.clearFaults();
    await deployment[Symbol.asyncDispose]();
  });
  afterAll(() => Promise.all([tables[Symbol.asyncDispose](), aws[Symbol.asyncDispose]()]));

  const profileOf = (key: string, there: string, strategy: ReplicaStrategy): Profile =>
    profileFor(key, {
      home,
      replicas: { [away]: { region: away, key: there, retiring: [], strategy, recoveryPointMs: 1_000 } },
    });
  const watch = (profile: Profile, pollMs = 20) =>
    deployment.watch([profile], {
      profiles: async () => ({ [profile.name]: profileAt(profile, homeNow) ?? profile }),
      describeKey: (region, reference, options) =>
        aws.kms(region).describeKey(reference, { ...options, deadlineMs: 500 }),
      listKeyRotations: (region, keyArn, options) => aws.kms(region).listKeyRotations(keyArn, options),
      options: { pollMs, retryMs: pollMs },
    });
  const untilSeen = (...arns: readonly string[]) =>
    eventually(async () => {
      for (const arn of arns) expect(await deployment.state.listRotations(keyIdOf(arn))).toHaveLength(1);
    });
  const untilStarted = (count: number) =>
    eventually(async () => {
      const all = await deployment.allCampaigns();
      expect(all.map(({ status }) => status)).toEqual(Array.from({ length: count }, () => "preflight"));
      return all;
    });
  const regionsShown = async () =>
    [...(await deployment.metrics.render()).matchAll(/last_success_seconds\{profile="people",region="([^"]+)"/g)].map(
      ([, region]) => region,
    );

  it.each(["encrypt", "bridge"] as const)(
    "takes new material of that Region's own key as it does home's: %s",
    async (by) => {
      const [key, there] = [await aws.createKey(home), await aws.createKey(away)];
      await watch(profileOf(key, there, by));
      await untilSeen(key, there);
      await aws.rotate(away, there);
      const [campaign] = await untilStarted(1);
      const { material } = await aws.kms(away).describeKey(there);
      expect(campaign).toMatchObject({ kind: "rotation", createdBy: "dekhand-control", locks: [there] });
      expect(campaign?.targets).toMatchObject([{ region: away, sources: [there], keyArn: there, material }]);
      expect(await regionsShown()).toEqual([home, away]);
    },
  );

  it("takes an event of that Region's own key, and asks KMS about no other", async () => {
    const [key, there] = [await aws.createKey(home), await aws.createKey(away)];
    const running = await watch(profileOf(key, there, "encrypt"), 3_600_000);
    await untilSeen(key, there);
    await aws.rotate(away, there);
    aws.aws.control.resetCounts();
    expect(await tell(running, there)).toEqual({ kind: "done", note: "looked" });
    await untilStarted(1);
    expect(aws.aws.control.callCounts()[home]?.kms).toEqual({});
  });

  it("looks at home's key alone where wraps are copied, and at the other Region's after a failover", async () => {
    const { atHome, there } = await aws.createRelatedKeys();
    await watch(profileOf(atHome, there, "multi-region"));
    await untilSeen(atHome);
    expect(await regionsShown()).toEqual([home]);
    aws.aws.control.cutOff(home, true);
    homeNow = away;
    // The old home's series ends with it: an alarm on its age would never.
    await eventually(async () => expect(await regionsShown()).toEqual([away]));
  });

  it("after a failover starts a campaign in the new home though the old one is gone", async () => {
    const [key, there] = [await aws.createKey(home), await aws.createKey(away, undefined, { MultiRegion: true })];
    homeNow = away;
    aws.aws.control.cutOff(home, true);
    await watch(profileOf(key, there, "encrypt"));
    await untilSeen(there);
    await aws.rotate(away, there);
    const [campaign] = await untilStarted(1);
    expect(campaign?.targets).toMatchObject([{ region: away, keyArn: there }]);
    expect(deployment.logged).toContain("cannot tell whether a key was rotated; looking again later");

    aws.aws.control.cutOff(home, false);
    await untilSeen(key);
    await aws.rotate(home, key);
    const all = await untilStarted(2);
    expect(all.map(({ targets }) => targets.map(({ region }) => region)).toSorted()).toEqual([[away], [home]]);
  });

  it("tries again where it cannot be told where the home is", async () => {
    const key = await aws.createKey(home);
    let isAway = true;
    const profile = profileFor(key, { home });
    const running = await deployment.watch([profile], {
      async profiles() {
        if (isAway) throw new StoreError("STORE_UNAVAILABLE", "cut off", { retryable: true });
        return { [profile.name]: profile };
      },
      describeKey: (region, reference, options) => aws.kms(region).describeKey(reference, options),
      options: { pollMs: 3_600_000, retryMs: 20 },
    });
    expect(await tell(running, key)).toMatchObject({ kind: "retry", reason: "STORE_UNAVAILABLE" });
    isAway = false;
    await untilSeen(key);
  });
});
