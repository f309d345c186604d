import { StoreError } from "@dekhand/store";
import { eventually } from "@dekhand/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { applyTrigger } from "../apply-trigger.ts";
import { allSegments } from "../driver/campaign-view.ts";
import { away, home, startTwoRegions, type TwoRegions } from "../plan/testing/two-regions.ts";
import { type CopiesDesk, copiesDesk, people } from "./testing/copies-desk.ts";

describe("copies of wraps under a multi-Region key, in trouble,", () => {
  let aws: TwoRegions;
  let desk: CopiesDesk;

  beforeAll(async () => {
    aws = await startTwoRegions();
  });
  beforeEach(async () => {
    desk = await copiesDesk(aws);
  });
  afterAll(() => aws[Symbol.asyncDispose]());

  it("are counted only once none of what home had before can arrive any more", async () => {
    await using pair = await desk.deployment({ [people]: desk.profile() });
    const born = await pair.bear(3, people);
    await aws.rotate(home, desk.from.atHome);
    const [late] = await desk.wrapsIn(pair, away);
    let aheadMs = 0;
    await using crew = await pair.crew({ aheadMs: () => aheadMs });
    const { campaigns } = pair.stores(home);
    const { id } = await pair.start(desk.rotation());
    await crew.until(id, "verifying");
    // A replicator that read home's wrap before the sweep, and finds none in the replica Region.
    await desk.removeWrap(pair, away, late?.id ?? "");
    const { id: dekId, keyArn = "", wrappedAt = "", ...rest } = late ?? expect.fail("there are three");
    const wrap = { ...rest, region: away, keyArn, wrappedAt };
    expect(await pair.stores(away).deks.putWrapCopy(dekId, wrap, "absent")).toBe("stored");
    // And one whose bytes somebody changes: what it says of itself stays right.
    const [broken = expect.fail("there are three")] = (await desk.wrapsIn(pair, away)).filter(
      (one) => one.id !== dekId,
    );
    const { id: brokenId, blob: sound, context, keyArn: label = "", wrappedAt: at = "", ...labels } = broken;
    const damaged = { ...labels, region: away, context, keyArn: label, wrappedAt: at, blob: Buffer.from("damaged") };
    expect(await pair.stores(away).deks.putWrapCopy(brokenId, damaged, { blob: sound })).toBe("stored");
    expect((await allSegments(campaigns, id)).some(({ phase }) => phase === "verify")).toBe(false);
    aheadMs = 30_000;
    await eventually(async () => (await campaigns.get(id))?.facts.sweep === "2");
    await eventually(async () => {
      aheadMs += 30_000;
      return (await campaigns.get(id))?.status === "complete";
    });
    await desk.expectCopied(pair, desk.from, born);
  });

  it("are brought to their end where a worker dies in the middle of a page", async () => {
    await using pair = await desk.deployment({ [people]: desk.profile() });
    const born = await pair.bear(40, people);
    await aws.rotate(home, desk.from.atHome);
    let puts = 0;
    const dying = desk.copyingBy(pair, async (put) => {
      puts += 1;
      const mine = puts;
      const outcomes = await put();
      if (mine === 2) throw new Error("killed, once the copies are there");
      return outcomes;
    });
    await using crew = await pair.crew({ access: dying, run: { pageSize: 5 }, driver: { requeueMs: 50 } });
    const { id } = await pair.start(desk.rotation());
    expect(await crew.until(id, "paused")).toBe("complete");
    expect(puts).toBeGreaterThan(2);
    await desk.expectCopied(pair, desk.from, born);
  });

  it("keep the campaign from its end for as long as their Region cannot be written", async () => {
    await using pair = await desk.deployment({ [people]: desk.profile() });
    const born = await pair.bear(4, people);
    await aws.rotate(home, desk.from.atHome);
    let [tries, isAway] = [0, true];
    const unreachable = desk.copyingBy(pair, async (put, count) => {
      tries += 1;
      const error = new StoreError("STORE_UNAVAILABLE", "the Region is cut off", { retryable: true });
      return isAway ? Array.from({ length: count }, () => ({ kind: "failed", error })) : put();
    });
    await using crew = await pair.crew({ access: unreachable });
    const { id } = await pair.start(desk.rotation());
    await eventually(() => tries > 10);
    expect((await pair.stores(home).campaigns.get(id))?.status).toBe("running");
    isAway = false;
    expect(await crew.until(id, "paused")).toBe("complete");
    await desk.expectCopied(pair, desk.from, born);
  });

  it("wait for wraps of home that failed, and are mended with them", async () => {
    await using pair = await desk.deployment({ [people]: desk.profile() });
    const born = await pair.bear(3, people);
    await aws.rotate(home, desk.from.atHome);
    const [one] = await desk.wrapsIn(pair, home);
    if (!one?.keyArn) throw new TypeError("there are three");
    const { deks, campaigns } = pair.stores(home);
    const { keyArn, material = "", blob } = one;
    const damaged = Buffer.from(blob);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1);
    await deks.swapWrap(one.id, home, blob, { keyArn, material, blob: damaged, wrappedAt: new Date().toISOString() });
    await using crew = await pair.crew();
    const { id } = await pair.start(desk.rotation(), { canary: 0 });
    expect(await crew.until(id, "paused")).toBe("paused");
    expect((await campaigns.listFailures(id)).entries).toMatchObject([{ id: one.id, region: home, class: "poison" }]);
    expect((await pair.wrapIn(away, one.id)).blob).toEqual(blob);

    await deks.swapWrap(one.id, home, damaged, { keyArn, material, blob, wrappedAt: new Date().toISOString() });
    const paused = (await campaigns.get(id)) ?? expect.fail("it is there");
    const act = { at: new Date().toISOString(), actor: "test", reason: "mended" };
    await applyTrigger(campaigns, paused, { kind: "resume" }, act);
    expect(await crew.until(id)).toBe("complete");
    await desk.expectCopied(pair, desk.from, born);
  });

  it("that home has no wrap for are failures, and stay as they are", async () => {
    await using pair = await desk.deployment({ [people]: desk.profile() });
    await pair.bear(2, people);
    const [lost] = await pair.bear(1, people);
    const [id = ""] = lost ?? [];
    await desk.removeWrap(pair, home, id);
    await aws.rotate(home, desk.from.atHome);
    const before = await pair.wrapIn(away, id);
    await using crew = await pair.crew();
    const campaign = await pair.start(desk.rotation());
    expect(await crew.until(campaign.id, "paused")).toBe("paused");
    const { entries } = await pair.stores(home).campaigns.listFailures(campaign.id);
    expect(entries).toMatchObject([{ id, region: away, class: "orphan", code: "CAMPAIGN_COPY_ORPHANED" }]);
    expect(await pair.wrapIn(away, id)).toEqual(before);
  });

  it("do not hold up a campaign of their home Region alone, while theirs cannot be reached", async () => {
    await using pair = await desk.deployment({ [people]: desk.profile() });
    await pair.bear(3, people);
    const unreachable = async () => {
      throw new StoreError("STORE_UNAVAILABLE", "the Region is cut off", { retryable: true });
    };
    const { state } = pair.stores(home);
    const cutOff = { ...pair.stores(away).state, listLeftKeys: unreachable, leaveKey: unreachable };
    await using crew = await pair.crew({ leftKeys: (region) => (region === home ? state : cutOff) });
    const { id, targets } = await pair.start({ ...desk.keyChange(), regions: [home] });
    expect(targets.map(({ region, follows }) => [region, follows])).toEqual([[home, undefined]]);
    expect(await crew.until(id, "paused")).toBe("complete");
    for (const wrap of await desk.wrapsIn(pair, away)) expect(wrap.keyArn).toBe(desk.from.there);
  });
});
