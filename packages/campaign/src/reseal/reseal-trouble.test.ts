import { DisableKeyCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import type { Campaign, RecordStore } from "@dekhand/store";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { applyTrigger } from "../apply-trigger.ts";
import { type CampaignRegion, region, startCampaignRegion } from "../testing/campaign-region.ts";
import type { ResealAccess } from "./reseal-access.ts";
import { runResealSegment } from "./run-reseal-segment.ts";
import { dekOf, type ResealRuns, resealRuns } from "./testing/reseal-runs.ts";
import { type SealedRecords, sealedRecords } from "./testing/sealed-records.ts";

const act = () => ({ at: new Date().toISOString(), actor: "test", reason: "test" });

describe("a segment of records in trouble", () => {
  let home: CampaignRegion;
  let tables: SealedRecords;
  let runs: ResealRuns;
  let campaign: Campaign;

  beforeAll(async () => {
    home = await startCampaignRegion();
  });
  beforeEach(async () => {
    home.aws.control.clearFaults();
    tables = await sealedRecords(home);
    runs = resealRuns(tables);
  });
  afterEach(() => tables[Symbol.dispose]());
  afterAll(() => home[Symbol.asyncDispose]());

  it("records what cannot be opened and goes on; once it is mended, the failure is resolved", async () => {
    const leaked = await tables.seal(8);
    const [victim] = leaked;
    if (!victim) throw new TypeError("eight were sealed");
    campaign = await tables.campaign({ deks: [dekOf(leaked)] });
    const { sealId, envelope } = victim;
    const flipped = Buffer.from(envelope);
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
    await tables.stores.records.reseal(victim, { dekId: victim.dekId, sealId, envelope: flipped });
    expect(await runs.run(campaign.id)).toMatchObject({
      kind: "done",
      segment: { counts: { scanned: 8, resealed: 7, failed: 1 } },
    });
    const failure = { store: "records", region, id: victim.recordId };
    const { getFailure, countFailures } = tables.campaigns;
    expect(await getFailure(campaign.id, failure)).toMatchObject({
      code: "ENVELOPE_AUTHENTICATION_FAILED",
      attempts: 1,
    });

    const retry = { sweep: 1, phase: "retry", store: "records", region, index: 0, of: 1 } as const;
    await tables.campaigns.createSegments(
      campaign.id,
      [2, 3].map((number) => ({ ...retry, number })),
    );
    expect(await runs.run(campaign.id, { segment: 2 })).toMatchObject({
      segment: { counts: { resolved: 0, failed: 1, left: 0 } },
    });
    expect(await getFailure(campaign.id, failure)).toMatchObject({ attempts: 2, state: "open" });
    await tables.stores.records.reseal(victim, { dekId: victim.dekId, sealId, envelope });
    expect(await runs.run(campaign.id, { segment: 3 })).toMatchObject({
      segment: { counts: { resolved: 1, failed: 0, left: 0 } },
    });
    expect(await countFailures(campaign.id)).toMatchObject({ open: 0, resolved: 1 });
    await runs.requireResealed(leaked);
  });

  it("records a head that cannot be read, and a record whose DEK is not there, and goes on", async () => {
    const sealed = await tables.seal(3);
    const orphans = await tables.seal(2);
    campaign = await tables.campaign({ profile: tables.profile.name, createdBefore: new Date().toISOString() });
    const { records, deks } = tables.stores;
    const scanHeads: RecordStore["scanHeads"] = async (...call) => {
      const page = await records.scanHeads(...call);
      return { ...page, malformed: [{ recordId: "broken", reason: "it has no shape" }] };
    };
    const getSummary: typeof deks.getSummary = async (dekId, options) =>
      dekId === dekOf(orphans) ? undefined : deks.getSummary(dekId, options);
    expect(
      await runs.run(campaign.id, {
        access: { ...runs.recordsWith({ scanHeads }), deks: { getSummary } },
        pageSize: 100,
      }),
    ).toMatchObject({ segment: { counts: { scanned: 6, failed: 2, malformed: 1 } } });
    const failureOf = (id: string) => tables.campaigns.getFailure(campaign.id, { store: "records", region, id });
    expect(await failureOf("broken")).toMatchObject({ class: "malformed", message: "it has no shape" });
    expect(await failureOf(orphans[0]?.recordId ?? "")).toMatchObject({ code: "DEKS_NOT_FOUND" });
    await runs.requireResealed(sealed);
    await runs.requireUntouched(orphans);
  });

  it("pauses its campaign at a disabled key, blames no record, and goes on after a resume", async () => {
    const leaked = await tables.seal(5);
    campaign = await tables.campaign({ deks: [dekOf(leaked)] });
    await home.clients.kms.send(new DisableKeyCommand({ KeyId: tables.keyArn }));
    expect(await runs.run(campaign.id)).toMatchObject({
      kind: "halted",
      status: "paused",
      stop: { code: "KMS_KEY_UNUSABLE" },
    });
    await runs.requireUntouched(leaked);
    expect(await tables.campaigns.countFailures(campaign.id)).toMatchObject({ open: 0 });
    await home.clients.kms.send(new EnableKeyCommand({ KeyId: tables.keyArn }));
    const paused = (await tables.campaigns.get(campaign.id)) ?? campaign;
    await applyTrigger(tables.campaigns, paused, { kind: "resume" }, act());
    expect(await runs.run(campaign.id)).toMatchObject({ kind: "done" });
    await runs.requireResealed(leaked);
  });

  it("waits for new DEKs that cannot be had, and blames no record", async () => {
    const leaked = await tables.seal(3);
    campaign = await tables.campaign({ deks: [dekOf(leaked)] });
    const error = {
      service: "kms",
      operation: "GenerateDataKey",
      errorName: "KMSInternalException",
      status: 500,
    } as const;
    home.aws.control.injectErrors(region, error);
    expect(await runs.run(campaign.id)).toMatchObject({ kind: "later" });
    expect(await tables.campaigns.countFailures(campaign.id)).toMatchObject({ open: 0 });
    home.aws.control.clearFaults();
    await runs.requireUntouched(leaked);
  });

  it("does not seal under a selected DEK that this very worker still has for sealing", async () => {
    const { sealing, region: name } = tables.resealing.access(region);
    expect(name).toBe(region);
    const [record] = await tables.seal(1);
    if (!record) throw new TypeError("one was sealed");
    const request = { profile: tables.profile, context: record.context, bytes: 1 };
    using cached = await sealing.acquire(request);
    campaign = await tables.campaign({ deks: [record.dekId, cached.dek.id] });
    expect(await runs.run(campaign.id)).toMatchObject({ segment: { counts: { resealed: 1 } } });
    expect((await tables.stored(record.recordId)).dekId).not.toBe(cached.dek.id);
    await runs.requireResealed([record]);
  });

  it("changes no record where what is sealed under the new DEK does not open with its stored wrap", async () => {
    const leaked = await tables.seal(4);
    campaign = await tables.campaign({ deks: [dekOf(leaked)] });
    const { opening } = tables.resealing.access(region);
    const acquire: ResealAccess["opening"]["acquire"] = (request, options) =>
      opening.acquire({ ...request, dekId: dekOf(leaked) }, options);
    const stop = { kind: "pause", code: "CAMPAIGN_NEW_DEK_UNFIT" };
    expect(await runs.run(campaign.id, { access: { opening: { acquire } } })).toMatchObject({
      kind: "halted",
      status: "paused",
      stop,
    });
    await runs.requireUntouched(leaked);
    expect(await tables.campaigns.countFailures(campaign.id)).toMatchObject({ open: 0 });
  });

  it("leaves copies of records whose home is another Region to that Region", async () => {
    const leaked = await tables.seal(2);
    campaign = await tables.campaign({ deks: [dekOf(leaked)] });
    const profile = async () => ({ ...tables.profile, home: "eu-west-1" });
    expect(await runs.run(campaign.id, { access: { profile } })).toMatchObject({
      segment: { counts: { scanned: 2, other: 2 } },
    });
    await runs.requireUntouched(leaked);
  });

  it("that is none of records, or of no Region that the configuration has, is refused", async () => {
    campaign = await tables.campaign({ deks: [dekOf(await tables.seal(1))] });
    const wraps = { number: 2, sweep: 1, phase: "rewrap", store: "dekhand", region, index: 0, of: 1 } as const;
    await tables.campaigns.createSegments(campaign.id, [wraps]);
    const unknown = expect.objectContaining({ code: "CAMPAIGN_TARGET_UNKNOWN" });
    await expect(runs.run(campaign.id, { segment: 2 })).rejects.toEqual(unknown);
    const deps = { campaigns: tables.campaigns, access: () => undefined };
    await expect(runResealSegment({ campaignId: campaign.id, segment: 1 }, deps, { owner: "w" })).rejects.toEqual(
      unknown,
    );
  });
});
