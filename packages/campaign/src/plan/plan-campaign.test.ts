import { CreateAliasCommand, RotateKeyOnDemandCommand } from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rewrapPage } from "../rewrap-page.ts";
import { DEFAULT_SETTINGS } from "../settings.ts";
import { type CampaignRegion, type Deployment, region, startCampaignRegion } from "../testing/campaign-region.ts";
import { readWraps } from "../testing/read-wraps.ts";
import { type PlanCampaignDeps, planCampaign } from "./plan-campaign.ts";
import { quota } from "./testing/plan-samples.ts";

describe("planning a campaign", () => {
  let home: CampaignRegion;
  let tables: Deployment;
  let [from, to, other] = ["", "", ""];
  let deps: PlanCampaignDeps;

  beforeAll(async () => {
    home = await startCampaignRegion();
    tables = await home.deployment();
    [from, to, other] = [await home.createKey(), await home.createKey(), await home.createKey()];
    await home.clients.kms.send(new CreateAliasCommand({ AliasName: "alias/from", TargetKeyId: from }));
    await tables.bear(40, from);
    await tables.bear(5, to);
    await tables.bear(3, other);
    deps = {
      all: [{ store: tables.wraps, kind: "dekhand", matches: async () => true }],
      quota,
      profiles: async () => ({}),
      describeKey: (_, reference, options) => home.kms.describeKey(reference, options),
      listKeyRotations: (_, keyArn, options) => home.kms.listKeyRotations(keyArn, options),
    };
  });
  afterAll(() => home[Symbol.asyncDispose]());

  const request = { kind: "key", from: ["alias/from"], settings: DEFAULT_SETTINGS, controls: {} } as const;
  const wanted = () => ({ ...request, to });

  it("counts what is in the store, and makes no cryptographic call and no write", async () => {
    const before = await readWraps(tables.wraps);
    home.aws.control.resetCounts();
    let progress = 0;
    const { plan, targets, locks } = await planCampaign(wanted(), deps, { onProgress: (wraps) => (progress += wraps) });
    expect(Object.keys(home.aws.control.callCounts()[region]?.kms ?? {}).sort()).toEqual([
      "DescribeKey",
      "ListKeyRotations",
    ]);
    expect(await readWraps(tables.wraps)).toEqual(before);
    expect(targets).toEqual([{ store: "dekhand", region, sources: [from], keyArn: to }]);
    expect(locks).toEqual([from, to].sort());
    expect(plan.targets).toMatchObject([{ wraps: 48, stale: 40, current: 5, unknown: 0, other: 3, malformed: 0 }]);
    expect(plan.totals.kmsCalls).toEqual({ rewrap: 40, probes: 55, preflight: 3, dryRunCensus: 0, total: 98 });
    expect(plan.totals.dollars).toMatchObject({ kms: 0.000294, dynamodbWrites: 0.000025 });
    // The item of each DEK is read with its wrap: 48 KB, 12 units, twice.
    expect(plan.totals.dollars).toMatchObject({ dynamodbScans: 0.000003, cloudTrail: 0 });
    expect(plan.leftAlone).toEqual([{ keyArn: other, wraps: 3 }]);
    expect(plan.warnings.map(({ code }) => code)).toEqual(["WRAPS_LEFT_ALONE"]);
    expect(progress).toBe(48);
  });

  it("counts as many wraps to rewrap as a rewrap then swaps", async () => {
    await home.clients.kms.send(new RotateKeyOnDemandCommand({ KeyId: from }));
    const rotation = { ...request, kind: "rotation" } as const;
    const { plan, targets } = await planCampaign(rotation, deps);
    expect(plan.targets).toMatchObject([{ wraps: 48, stale: 40, current: 0, other: 8 }]);
    const [target] = targets;
    if (!target) throw new Error("no target");
    const wraps = await readWraps(tables.wraps);
    const { outcomes } = await rewrapPage(wraps, { campaignId: "c1", target }, tables.access(from, [to, other]));
    expect(outcomes.filter(({ kind }) => kind === "swapped")).toHaveLength(plan.totals.toRewrap);
    expect((await planCampaign(rotation, deps)).plan).toMatchObject({
      totals: { toRewrap: 0 },
      warnings: expect.arrayContaining([expect.objectContaining({ code: "NOTHING_TO_REWRAP" })]),
    });
  });

  it("goes by the quota that the account was asked for", async () => {
    const asked = { ...deps, cryptoQuota: async () => 2_000 };
    expect((await planCampaign(wanted(), asked)).plan.regions).toMatchObject([{ accountQuota: 2_000 }]);
    const untold = { ...deps, cryptoQuota: async () => undefined };
    expect((await planCampaign(wanted(), untold)).plan.regions).toMatchObject([{ accountQuota: 100_000 }]);
  });

  it("ends with its signal, also in the middle of the census", async () => {
    const ending = new AbortController();
    const reason = new Error("enough");
    const planning = planCampaign(wanted(), deps, { signal: ending.signal, onProgress: () => ending.abort(reason) });
    await expect(planning).rejects.toBe(reason);
  });
});
