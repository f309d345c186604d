import { DisableKeyCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import { KmsError } from "@dekhand/kms";
import { eventually } from "@dekhand/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { applyTrigger } from "../apply-trigger.ts";
import { type CampaignRegion, region, startCampaignRegion } from "../testing/campaign-region.ts";
import { autoCampaignId } from "./auto-campaign.ts";
import { keyIdOf, profileFor, tell, type WatchedDeployment, watchedDeployment } from "./testing/watched-deployment.ts";

describe("a rotation watch", () => {
  let home: CampaignRegion;
  let deployment: WatchedDeployment;
  let key: string;

  beforeAll(async () => {
    home = await startCampaignRegion();
  });
  beforeEach(async () => {
    home.aws.control.clearFaults();
    [deployment, key] = await Promise.all([watchedDeployment(home), home.createKey()]);
  });
  afterEach(() => deployment[Symbol.asyncDispose]());
  afterAll(() => home[Symbol.asyncDispose]());

  const often = { options: { pollMs: 20, retryMs: 20 } };
  const claims = () => deployment.state.listRotations(keyIdOf(key));
  const untilClaimed = (count = 1) => eventually(async () => (await claims()).length === count && claims());
  const untilCampaigns = (count: number) =>
    eventually(async () => {
      const all = await deployment.allCampaigns();
      return all.length === count && all.every(({ status }) => status !== "planned") && all;
    });
  const act = () => ({ at: new Date().toISOString(), actor: "test", reason: "test" });
  /** Answers polls that follow on each other, the last one after all that came before have ended. */
  const untilPolledAgain = async () => {
    const polls = () => home.aws.control.callCounts()[region]?.kms.DescribeKey?.calls ?? 0;
    const before = polls();
    await eventually(() => polls() > before + 2);
  };

  it("starts one campaign for new material, though three see it at once and every event comes twice", async () => {
    const watches = await Promise.all([1, 2, 3].map(() => deployment.watch([profileFor(key)])));
    await untilClaimed();
    await home.rotate(key);
    const outcomes = await Promise.all([...watches, ...watches].map((watch) => tell(watch, key)));
    expect(outcomes).toEqual(outcomes.map(() => ({ kind: "done", note: "looked" })));

    const material = await home.materialOf(key);
    const campaignId = autoCampaignId(keyIdOf(key), material);
    const [campaign] = await untilCampaigns(1);
    expect(campaign).toMatchObject({ id: campaignId, kind: "rotation", createdBy: "dekhand-control", locks: [key] });
    expect(campaign?.targets).toEqual([
      { store: "dekhand", region, sources: [key], keyArn: key, material, rotatedAt: expect.stringMatching(/^20/) },
    ]);
    expect(campaign?.last.reason).toContain("event event-1");
    expect((await deployment.campaigns.history(campaignId)).map(({ to }) => to)).toEqual(["planned", "preflight"]);
    expect(await claims()).toHaveLength(2);
    expect(await deployment.metrics.render()).toMatch(/rotations_handled_total\{trigger="event"[^}]*\} 1\n/);
  });

  it("finds without any event what was rotated, and takes each material once", async () => {
    await deployment.watch([profileFor(key)], often);
    await untilClaimed();
    for (const count of [1, 2]) {
      await home.rotate(key);
      const [newest] = (await untilCampaigns(count)).toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
      expect(newest?.last.reason).toContain("found by the poll");
      if (newest) await applyTrigger(deployment.campaigns, newest, { kind: "cancel" }, act());
      const ended = () => deployment.logged.filter((line) => line.includes("has ended as cancelled"));
      await eventually(() => ended().length === count);
    }
    await untilPolledAgain();
    expect(await deployment.allCampaigns()).toHaveLength(2);
    expect(await deployment.metrics.render()).toMatch(/rotation_watch_last_success_seconds\{profile="people"/);
  });

  it("has nothing to do for a key that was never rotated, and remembers that it has seen it", async () => {
    await deployment.watch([profileFor(key)], often);
    const material = await home.materialOf(key);
    expect(await untilClaimed()).toEqual([
      { keyId: keyIdOf(key), material, at: expect.any(String), reason: "baseline" },
    ]);
    await untilPolledAgain();
    expect(await deployment.allCampaigns()).toEqual([]);
  });

  it("starts one for a key that was rotated before it was seen first", async () => {
    await home.rotate(key);
    await deployment.watch([profileFor(key)]);
    await untilCampaigns(1);
    expect(await claims()).toMatchObject([{ reason: "campaign" }]);
  });

  it("waits for a campaign that concerns the key, says so once, and starts when that one has ended", async () => {
    await deployment.watch([profileFor(key)], often);
    await untilClaimed();
    const targets = [{ store: "dekhand", region, sources: [key], keyArn: key }];
    const other = await deployment.campaigns.create({ id: "other", kind: "rotation", targets, ...act() }, [key]);
    await home.rotate(key);
    await untilClaimed(2);
    await untilPolledAgain();
    expect((await deployment.allCampaigns()).map(({ id }) => id)).toEqual(["other"]);
    expect(deployment.logged.filter((line) => line.includes("waits for campaign other"))).toHaveLength(1);

    await applyTrigger(deployment.campaigns, other, { kind: "cancel" }, act());
    await untilCampaigns(2);
  });

  it("starts what somebody claimed and did not come to create", async () => {
    await home.rotate(key);
    const claim = { keyId: keyIdOf(key), material: await home.materialOf(key), at: new Date().toISOString() };
    await deployment.state.claimRotation({ ...claim, reason: "campaign", campaignId: "chosen-before" });
    await deployment.watch([profileFor(key)]);
    expect(await untilCampaigns(1)).toMatchObject([{ id: "chosen-before", status: "preflight" }]);
  });

  it("starts what somebody created and did not come to start", async () => {
    await home.rotate(key);
    const dies = { ...deployment.campaigns, transition: () => Promise.reject(new Error("killed")) };
    await deployment.watch([profileFor(key)], { campaigns: dies });
    await eventually(async () => (await deployment.allCampaigns())[0]?.status === "planned");
    await deployment.watch([profileFor(key)]);
    await untilCampaigns(1);
  });

  it("claims nothing for a key that is disabled, whose campaign would be refused", async () => {
    await home.rotate(key);
    await home.clients.kms.send(new DisableKeyCommand({ KeyId: key }));
    await deployment.watch([profileFor(key)], often);
    await eventually(() => deployment.logged.some((line) => line.includes("Disabled")));
    expect(await claims()).toEqual([]);
    await home.clients.kms.send(new EnableKeyCommand({ KeyId: key }));
    await untilCampaigns(1);
  });

  it("lets no profile stop another, nor one that does not ask for it be rewrapped", async () => {
    const manual = await home.createKey();
    await Promise.all([home.rotate(key), home.rotate(manual)]);
    const profiles = [
      profileFor("alias/gone", { name: "broken" }),
      profileFor(manual, { name: "manual", autoRewrap: false }),
      profileFor(key),
    ];
    await deployment.watch(profiles, often);
    const [campaign] = await untilCampaigns(1);
    expect(campaign?.targets).toMatchObject([{ keyArn: key }]);
    await untilPolledAgain();
    expect(await deployment.allCampaigns()).toHaveLength(1);
    expect(deployment.logged).toContain("cannot tell whether a key was rotated; looking again later");
  });

  it.each([
    ["the current one", (own: string) => ({ key: own, retiring: [] }), ["dekhand", "transit"]],
    ["a retiring one", (own: string, other: string) => ({ key: other, retiring: [own] }), ["dekhand", "transit"]],
    ["none", (_: string, other: string) => ({ key: other, retiring: [] }), ["dekhand"]],
  ])("takes the transit keys along where the key is theirs: %s", async (_, transitOf, stores) => {
    await home.rotate(key);
    await deployment.watch([profileFor(key)], { transit: transitOf(key, await home.createKey()) });
    const [campaign] = await untilCampaigns(1);
    expect(campaign?.targets.map(({ store }) => store)).toEqual(stores);
  });

  describe("where KMS tells no material ids", () => {
    const describeKey = async (_: string, reference: string) => {
      const { material: _untold, ...told } = await home.kms.describeKey(reference);
      return told;
    };

    it("goes by the time of the last rotation", async () => {
      const listKeyRotations = async (_: string, keyArn: string) =>
        (await home.kms.listKeyRotations(keyArn)).map(({ material: _untold, ...told }) => told);
      await deployment.watch([profileFor(key)], { ...often, describeKey, listKeyRotations });
      await untilPolledAgain();
      expect(await deployment.allCampaigns()).toEqual([]);
      await home.rotate(key);
      const [campaign] = await untilCampaigns(1);
      expect(campaign?.targets).toMatchObject([{ rotatedAt: expect.any(String) }]);
      await untilPolledAgain();
      expect(await deployment.allCampaigns()).toHaveLength(1);
    });

    it("and no rotations either, does nothing and says so once", async () => {
      await home.rotate(key);
      const refused = { operation: "ListKeyRotations", region, reason: "UnknownOperation", attempts: 1 } as const;
      const listKeyRotations = () => Promise.reject(new KmsError({ failureClass: "poison", ...refused }));
      await deployment.watch([profileFor(key)], { ...often, describeKey, listKeyRotations });
      await untilPolledAgain();
      expect(await deployment.allCampaigns()).toEqual([]);
      expect(deployment.logged.filter((line) => line.includes("tells neither"))).toHaveLength(1);
    });
  });

  describe("takes events", () => {
    const kmsCalls = () => home.aws.control.callCounts()[region]?.kms.DescribeKey?.calls ?? 0;

    it("of other keys, and other events, without asking KMS", async () => {
      const watch = await deployment.watch([profileFor(key)]);
      await untilClaimed();
      const before = kmsCalls();
      const other = await tell(watch, "another-key");
      expect(other).toEqual({ kind: "done", note: "key-not-watched" });
      const { signal } = new AbortController();
      const deletion = { job: { kind: "other", id: "e" }, attempt: 1, signal, source: "sqs" } as const;
      expect(await watch.onEvent(deletion)).toEqual({ kind: "done", note: "other-event" });
      expect(kmsCalls()).toBe(before);
    });

    it("again where KMS cannot be asked, and leaves them to the poll in the end", async () => {
      const failure = {
        failureClass: "transient",
        operation: "DescribeKey",
        region,
        reason: "Test",
        attempts: 1,
      } as const;
      const describeKey = () => Promise.reject(new KmsError(failure));
      const watch = await deployment.watch([profileFor(key)], { describeKey });
      expect(await tell(watch, key)).toMatchObject({ kind: "retry", reason: "KMS_TRANSIENT" });
      expect(await tell(watch, key, { attempt: 6 })).toEqual({ kind: "done", note: "left-to-poll" });
    });

    it("again where KMS does not say yet what they tell", async () => {
      const watch = await deployment.watch([profileFor(key)]);
      await untilClaimed();
      const previousMaterial = await home.materialOf(key);
      const early = await tell(watch, key, { previousMaterial });
      expect(early).toMatchObject({ kind: "retry", reason: "material-not-yet-current" });
      expect(await deployment.allCampaigns()).toEqual([]);
      await home.rotate(key);
      expect(await tell(watch, key, { previousMaterial })).toEqual({ kind: "done", note: "looked" });
      expect(await deployment.allCampaigns()).toHaveLength(1);
    });
  });
});
