/** What the store of campaigns guarantees for their segments, failures and documents. */

import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { CampaignStore } from "../campaigns/campaign-store-types.ts";
import type { CampaignPage } from "../campaigns/campaign-types.ts";
import { sampleAct, sampleCampaign, sampleFailure, sampleSegments } from "./campaign-samples.ts";
import type { ContractSubject } from "./contract-subject.ts";

const at = "2026-11-23T11:00:00.000Z";
const by = (owner: string) => ({ owner, at });

export function describeCampaignWork(subject: () => ContractSubject, store: () => CampaignStore): void {
  let campaigns: CampaignStore;
  let id: string;

  beforeAll(async () => {
    campaigns = store();
    ({ id } = await campaigns.create(sampleCampaign(), []));
  });

  /** A campaign of its own with so many segments. */
  const campaignWith = async (segments: number) => {
    const campaign = await campaigns.create(sampleCampaign(), []);
    await campaigns.createSegments(campaign.id, sampleSegments(segments));
    return campaign.id;
  };

  describe("segments", () => {
    it("are created once, listed by number, and left as they are when they are created again", async () => {
      const own = await campaignWith(60);
      const claim = await campaigns.claimSegment(own, 7, by("a"));
      await campaigns.createSegments(own, sampleSegments(60));
      expect(await campaigns.getSegment(own, 7)).toEqual(claim.segment);
      for (const limit of [7, 60, 100]) {
        const all = await allPages((cursor) => campaigns.listSegments(own, { limit, cursor }));
        expect(all.map(({ number }) => number)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
      }
      await expect(campaigns.createSegments(own, sampleSegments(59))).rejects.toMatchObject({
        code: "STORE_SEGMENT_EXISTS",
      });
    });

    it("one that is claimed by somebody else is lost to who had it: a zombie's checkpoint changes nothing", async () => {
      const own = await campaignWith(1);
      const zombie = await campaigns.claimSegment(own, 1, by("zombie"));
      const next = await campaigns.claimSegment(own, 1, by("next"));
      const progress = { cursor: "far", counts: { swapped: 1 }, done: true, at };
      expect(await campaigns.checkpoint(zombie.segment, progress)).toEqual({ kind: "lost" });
      expect(await campaigns.getSegment(own, 1)).toEqual(next.segment);
      expect(await campaigns.checkpoint(next.segment, { ...progress, done: false })).toMatchObject({ kind: "saved" });
    });

    it("one is claimed by any number at once, and only the last of them can save a checkpoint", async () => {
      const own = await campaignWith(1);
      const claims = await Promise.all(
        Array.from({ length: 5 }, (_, index) => campaigns.claimSegment(own, 1, by(`worker-${index}`))),
      );
      const outcomes = await Promise.all(
        claims.map(({ segment }) => campaigns.checkpoint(segment, { counts: {}, done: false, at })),
      );
      expect(outcomes.filter(({ kind }) => kind === "saved")).toHaveLength(1);
    });

    it("a checkpoint keeps cursor and counts for the next one, until the segment is done for good", async () => {
      const own = await campaignWith(1);
      const first = await campaigns.claimSegment(own, 1, by("first"));
      const saved = await campaigns.checkpoint(first.segment, {
        cursor: "c1",
        counts: { scanned: 5 },
        done: false,
        at,
      });
      if (saved.kind !== "saved") throw new TypeError("it was not lost");
      const second = await campaigns.claimSegment(own, 1, by("second"));
      expect(second.segment).toMatchObject({ cursor: "c1", counts: { scanned: 5 }, owner: "second" });
      const counts = { scanned: 9, __proto__: 1, 'arn:"x"': 2 };
      await campaigns.checkpoint(second.segment, { counts, done: true, at });
      const done = await campaigns.getSegment(own, 1);
      expect(done).toMatchObject({ state: "done", counts: { scanned: 9, 'arn:"x"': 2 } });
      expect(done).not.toHaveProperty("cursor");
      expect(await campaigns.claimSegment(own, 1, by("third"))).toEqual({ kind: "done", segment: done });
    });

    it("one that nobody created is not found, and a number outside the range is refused", async () => {
      await expect(campaigns.claimSegment(id, 9, by("a"))).rejects.toMatchObject({ code: "STORE_CAMPAIGN_NOT_FOUND" });
      await expect(campaigns.getSegment(id, 0)).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
      await expect(campaigns.getSegment(id, 100_000)).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
    });
  });

  describe("failures", () => {
    it("each attempt is counted, also of those that arrive at once, and the last one told", async () => {
      const report = sampleFailure();
      await Promise.all([1, 2, 3].map(() => campaigns.recordFailures(id, [report, sampleFailure()])));
      await campaigns.recordFailures(id, [{ ...report, class: "transient", at }]);
      expect(await campaigns.getFailure(id, report)).toEqual({
        ...report,
        class: "transient",
        at,
        state: "open",
        attempts: 4,
        firstAt: report.at,
      });
    });

    it("a wrap has one failure in each store and Region, whatever its id looks like", async () => {
      const ids = ["#", "a#b", "x".repeat(2_000), `${"x".repeat(1_999)}y`, "schlüssel 🔑", '{"p":"1"}'];
      const reports = ids.flatMap((wrap) => [
        sampleFailure(wrap),
        { ...sampleFailure(wrap), region: "eu-west-1" },
        { ...sampleFailure(wrap), store: "legacy" },
      ]);
      const own = await campaignWith(0);
      await campaigns.recordFailures(own, reports);
      const listed = await allPages((cursor) => campaigns.listFailures(own, { limit: 4, cursor }));
      const place = ({ store, region, id: wrap }: (typeof reports)[number]) => [store, region, wrap].join(" ");
      expect(listed.map(place).sort()).toEqual(reports.map(place).sort());
      for (const report of reports) expect(await campaigns.getFailure(own, report)).toMatchObject(report);
    });

    it("one that is resolved opens again when it fails again; one that is skipped stays skipped until it is resolved", async () => {
      const own = await campaignWith(0);
      const [resolved, skipped] = [sampleFailure(), sampleFailure()];
      await campaigns.recordFailures(own, [resolved, skipped]);
      await campaigns.resolveFailure(own, resolved);
      const decided = await campaigns.skipFailure(own, skipped, sampleAct("ada"));
      expect(decided).toMatchObject({ state: "skipped", skipped: { actor: "ada", reason: "because" } });
      expect(await campaigns.countFailures(own)).toEqual({ open: 0, resolved: 1, skipped: 1, malformed: 0 });

      await campaigns.recordFailures(own, [resolved, skipped]);
      expect(await campaigns.getFailure(own, resolved)).toMatchObject({ state: "open", attempts: 2 });
      expect(await campaigns.getFailure(own, skipped)).toMatchObject({ state: "skipped", attempts: 2 });
      expect((await campaigns.listFailures(own, { state: "open" })).entries.map((one) => one.id)).toEqual([
        resolved.id,
      ]);
      await campaigns.resolveFailure(own, skipped);
      expect(await campaigns.getFailure(own, skipped)).toMatchObject({ state: "resolved" });
    });

    it("what never failed cannot be skipped, and is resolved without effect", async () => {
      const never = sampleFailure();
      await campaigns.resolveFailure(id, never);
      expect(await campaigns.getFailure(id, never)).toBeUndefined();
      await expect(campaigns.skipFailure(id, never, sampleAct())).rejects.toMatchObject({
        code: "STORE_CAMPAIGN_NOT_FOUND",
      });
    });

    it("one that cannot be read is counted, hides no other and keeps none from being written", async () => {
      const own = await campaignWith(0);
      const [bent, whole] = [sampleFailure("bent"), sampleFailure("whole")];
      const Item = { campaignId: { S: own }, item: { S: "failure#dekhand#us-east-1#bent" }, class: { N: "1" } };
      await subject().client.send(new PutItemCommand({ TableName: subject().tables.campaigns, Item }));
      await campaigns.recordFailures(own, [bent, whole]);
      expect(await campaigns.countFailures(own)).toMatchObject({ open: 1, malformed: 1 });
      expect(await campaigns.listFailures(own)).toMatchObject({
        entries: [{ id: "whole" }],
        malformed: ["failure#dekhand#us-east-1#bent"],
      });
    });

    it.each(["", "a#b"])("a store named %j is refused", async (name) => {
      await expect(campaigns.recordFailures(id, [{ ...sampleFailure(), store: name }])).rejects.toMatchObject({
        code: "STORE_VALUE_INVALID",
      });
    });
  });

  it("a document is kept once: the same again is accepted, another one refused", async () => {
    await campaigns.putDocument(id, "plan", '{"wraps":3}');
    await campaigns.putDocument(id, "plan", '{"wraps":3}');
    expect(await campaigns.getDocument(id, "plan")).toBe('{"wraps":3}');
    await expect(campaigns.putDocument(id, "plan", "{}")).rejects.toMatchObject({ code: "STORE_DOCUMENT_EXISTS" });
    await expect(campaigns.putDocument(id, "long", "x".repeat(390_001))).rejects.toMatchObject({
      code: "STORE_VALUE_INVALID",
    });
    expect(await campaigns.getDocument(id, "long")).toBeUndefined();
  });
}

async function allPages<T>(read: (cursor: string | undefined) => Promise<CampaignPage<T>>): Promise<T[]> {
  const entries: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    expect(page.malformed).toEqual([]);
    entries.push(...page.entries);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return entries;
}
