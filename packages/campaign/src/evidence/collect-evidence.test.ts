import type { CampaignStore, FailureReport } from "@dekhand/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CampaignRegion, startCampaignRegion } from "../testing/campaign-region.ts";
import { collectEvidence } from "./collect-evidence.ts";
import { type RecordedCampaign, recordCampaign } from "./testing/record-campaign.ts";
import { finishedCampaign, keyTarget, newKey, oldKey, place } from "./testing/sample-campaigns.ts";

const software = { name: "dekhand", version: "9.9.9" };
const at = "2026-11-05T12:00:00.000Z";

describe("evidence", () => {
  let home: CampaignRegion;
  let campaigns: CampaignStore;
  beforeAll(async () => {
    home = await startCampaignRegion();
    ({ campaigns } = await home.deployment());
  });
  afterAll(() => home[Symbol.asyncDispose]());

  const collect = async (recorded: RecordedCampaign) => {
    const id = await recordCampaign(campaigns, recorded);
    return collectEvidence(campaigns, id, { software, at });
  };

  it("holds the campaign, its history and its times as the tables have them", async () => {
    const evidence = await collect(finishedCampaign);
    const { last, ...campaign } = (await campaigns.get(evidence.campaign.id)) ?? { last: undefined };
    expect(last?.to).toBe("complete");
    expect(evidence.campaign).toEqual(campaign);
    expect(evidence.history).toEqual(await campaigns.history(evidence.campaign.id));
    expect(evidence.times).toEqual({
      createdAt: "2026-11-02T08:00:00.000Z",
      startedAt: "2026-11-02T08:01:00.000Z",
      endedAt: "2026-11-02T08:05:00.000Z",
      durationMs: 4 * 60_000,
    });
    expect(evidence).toMatchObject({ software, collectedAt: at, verification: { probeBy: "decrypt", sample: 0.1 } });
  });

  it("adds up the census from before, and that of the last sweep only", async () => {
    const { census } = await collect(finishedCampaign);
    const before = { segments: 2, done: 2, whole: true, lastAt: "2026-11-02T09:00:03.000Z", unlisted: 3, malformed: 1 };
    const old = { keyArn: oldKey, material: "m0", swapped: false, count: 52_000 };
    expect(census.before).toEqual([{ ...place, ...before, groups: [old] }]);
    expect(census.closing).toEqual([
      {
        ...place,
        sweep: 2,
        segments: 2,
        done: 2,
        whole: true,
        lastAt: "2026-11-02T09:00:11.000Z",
        groups: [
          { keyArn: newKey, material: "m1", swapped: false, count: 310 },
          { keyArn: newKey, material: "m1", swapped: true, count: 51_998 },
          { keyArn: "arn:other", swapped: false, count: 2 },
        ],
        unlisted: 0,
        malformed: 0,
        judged: { current: 52_308, other: 2, probed: 5_230, probedByDecrypt: 5_230, unprobed: 47_077, mislabelled: 1 },
      },
    ]);
  });

  it("holds what preflight found, what the canary tried, and each sweep's counters", async () => {
    const { preflight, canary, progress } = await collect(finishedCampaign);
    const checks = [
      { check: "key", key: oldKey, ok: true },
      { check: "store", ok: false, code: "STORE_DENIED", message: "no" },
    ];
    expect(preflight).toEqual([{ segment: 1, ...place, done: true, checks }]);
    expect(canary).toMatchObject([{ done: 1, counts: { tried: 10, verified: 10 } }]);
    expect(progress.map(({ sweep, phase, segments, counts }) => [sweep, phase, segments, counts])).toEqual([
      [1, "rewrap", 2, { scanned: 52_000, swapped: 51_890, current: 10, conflict: 100 }],
      [2, "rewrap", 1, { scanned: 52_310, swapped: 100, current: 52_210 }],
      [2, "retry", 1, { resolved: 4, failed: 1, left: 0 }],
    ]);
  });

  it("lists every unresolved failure up to 1,000, those that are open first, and says how many it left out", async () => {
    const report = (id: string): FailureReport => ({
      ...place,
      id,
      class: "poison",
      code: "KMS_POISON",
      message: "no",
      at,
    });
    const skipped = { ...report("a-skipped"), skippedFor: "known" };
    const many = Array.from({ length: 1_005 }, (_, index) => report(`open-${index}`));
    const id = await recordCampaign(campaigns, { ...finishedCampaign, way: ["preflight"], failures: [skipped] });
    await campaigns.recordFailures(id, many);
    await campaigns.resolveFailure(id, report("open-0"));
    const { failures } = await collectEvidence(campaigns, id, { software, at });
    expect(failures.counts).toEqual({ open: 1_004, skipped: 1, resolved: 1, unreadable: 0 });
    expect(failures.unresolved).toHaveLength(1_000);
    expect(failures.unresolved.every(({ state }) => state === "open")).toBe(true);
    expect(failures.leftOut).toBe(5);

    const few = await collect(finishedCampaign);
    expect(few.failures.unresolved).toMatchObject([
      { id: "dek-1", state: "skipped", skipped: { actor: "grace", reason: "the tenant left in 2024" } },
    ]);
    expect(few.failures.leftOut).toBe(0);
  });

  it("is written all the same where settings and findings cannot be read, without them", async () => {
    const segments = [{ phase: "preflight", counts: {}, document: "not JSON" } as const];
    const id = await recordCampaign(campaigns, { target: keyTarget, segments, settings: { sample: 7 } });
    const evidence = await collectEvidence(campaigns, id, { software, at });
    expect(evidence.verification).toBeUndefined();
    expect(evidence.preflight).toEqual([{ segment: 1, ...place, done: true }]);
  });

  it("of a campaign that does not exist is refused by name", async () => {
    await expect(collectEvidence(campaigns, "nobody", { software, at })).rejects.toMatchObject({
      code: "STORE_CAMPAIGN_NOT_FOUND",
    });
  });
});
