import { DisableKeyCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import type { KmsGovernor } from "@dekhand/kms";
import type { Campaign, CampaignStore, CampaignTarget, NewSegment, WrapStore } from "@dekhand/store";
import { createManualClock } from "@dekhand/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { applyTrigger } from "./apply-trigger.ts";
import { retryFailures } from "./retry-failures.ts";
import { addCounts } from "./rewrap-counts.ts";
import { type RunSegmentOptions, runSegment, type SegmentRun } from "./run-segment.ts";
import { type CampaignRegion, type Deployment, region, startCampaignRegion } from "./testing/campaign-region.ts";
import { createKillSwitch, type KillSwitch } from "./testing/kill-switch.ts";
import { changedDeks, readWraps } from "./testing/read-wraps.ts";
import type { WrapAccess } from "./wrap-access.ts";

describe("a segment", () => {
  let home: CampaignRegion;
  let tables: Deployment;
  let from: string;
  let to: string;
  let target: CampaignTarget;
  let campaign: Campaign;

  beforeAll(async () => {
    home = await startCampaignRegion();
  });
  beforeEach(async () => {
    home.aws.control.clearFaults();
    [tables, from, to] = await Promise.all([home.deployment(), home.createKey(), home.createKey()]);
    target = { store: "dekhand", region, sources: [from], keyArn: to, material: await home.materialOf(to) };
    campaign = await tables.campaign(target, "key");
    await tables.campaigns.createSegments(campaign.id, [segmentOf(1, 0, 1)]);
  });
  afterAll(() => home[Symbol.asyncDispose]());

  const act = (reason = "test") => ({ at: new Date().toISOString(), actor: "test", reason });

  interface RunChanges extends Partial<RunSegmentOptions> {
    readonly campaigns?: CampaignStore;
    readonly access?: Partial<WrapAccess>;
    readonly segment?: number;
  }

  const run = ({ campaigns = tables.campaigns, access, segment = 1, ...options }: RunChanges = {}) =>
    runSegment(
      { campaignId: campaign.id, segment },
      { campaigns, access: () => ({ ...tables.access(to, [from]), ...access }) },
      { owner: crypto.randomUUID(), pageSize: 10, ...options },
    );

  const requireDone = async (born: ReadonlyMap<string, Buffer>) => {
    const wraps = await readWraps(tables.wraps);
    expect(wraps).toHaveLength(born.size);
    for (const wrap of wraps) expect(wrap).toMatchObject({ keyArn: to, campaign: campaign.id });
    expect(await changedDeks(wraps, to, born, home.kms)).toEqual([]);
  };

  it("is worked at page by page to its end, and its counts add up", async () => {
    const born = await tables.bear(25, from);
    await tables.bear(3, await home.createKey());
    const done = await run();
    expect(done).toMatchObject({
      kind: "done",
      segment: { state: "done", counts: { scanned: 28, swapped: 25, other: 3 } },
    });
    expect(await run()).toEqual(done);
    const wraps = (await readWraps(tables.wraps)).filter(({ id }) => born.has(id));
    expect(await changedDeks(wraps, to, born, home.kms)).toEqual([]);
  });

  it("of many: all of them together see every wrap once", async () => {
    const born = await tables.bear(60, from);
    const numbers = Array.from({ length: 7 }, (_, index) => index + 2);
    await tables.campaigns.createSegments(
      campaign.id,
      numbers.map((number, index) => segmentOf(number, index, 7)),
    );
    const runs = await Promise.all(numbers.map((segment) => run({ segment })));
    const counts = runs.flatMap((one) => (one.kind === "done" ? [one.segment.counts] : []));
    expect(counts).toHaveLength(7);
    expect(addCounts(counts)).toEqual({ scanned: 60, swapped: 60 });
    await requireDone(born);
  });

  it("that is killed at any point and run again by another has every wrap swapped once, and the same DEKs", async () => {
    const born = await tables.bear(12, from);
    const swaps = new Map<string, number>();
    const counting: WrapStore = {
      ...tables.wraps,
      async swap(wanted, options) {
        const outcomes = await tables.wraps.swap(wanted, options);
        for (const [index, { id }] of wanted.entries()) {
          if (outcomes[index]?.kind === "swapped") swaps.set(id, (swaps.get(id) ?? 0) + 1);
        }
        return outcomes;
      },
    };
    const runWith = (kill: KillSwitch) =>
      run({
        campaigns: kill.wrap(tables.campaigns),
        access: { store: kill.wrap(counting), kms: kill.wrap<WrapAccess["kms"]>(home.kms) },
        pageSize: 4,
        concurrency: 2,
        signal: kill.signal,
      });

    let deaths = 0;
    let last: SegmentRun | undefined;
    // Each run may make one call more than the one before it until it dies, before the call takes effect or after it.
    for (let calls = 1; last === undefined; calls += 1) {
      const kill = createKillSwitch(Math.ceil(calls / 2), calls % 2 === 0 ? "after" : "before");
      last = await runWith(kill).catch((error: unknown) => {
        if (error !== kill.signal.reason) throw error;
        deaths += 1;
        return undefined;
      });
    }
    expect(deaths).toBeGreaterThan(10);
    expect(last).toMatchObject({ kind: "done" });
    await requireDone(born);
    expect([...swaps.values()]).toEqual(Array.from({ length: 12 }, () => 1));
  });

  it("that two or more work at once comes to no harm: one ends it, the others stop", async () => {
    const born = await tables.bear(40, from);
    const runs = await Promise.all([1, 2, 3].map(() => run({ pageSize: 5, concurrency: 3 })));
    const kinds = runs.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "done").length).toBeGreaterThan(0);
    for (const kind of kinds) expect(["done", "lost"]).toContain(kind);
    await requireDone(born);
    expect((await tables.campaigns.getSegment(campaign.id, 1))?.counts.scanned).toBe(40);
    expect(await tables.campaigns.countFailures(campaign.id)).toMatchObject({ open: 0 });
  });

  it("is handed back after its slice of time, and goes on from there", async () => {
    const born = await tables.bear(30, from);
    const clock = createManualClock();
    const slow = {
      ...tables.access(to, [from]),
      kms: {
        ...home.kms,
        reEncrypt: async (...call: Parameters<KmsGovernor["reEncrypt"]>) => {
          await clock.advance(100);
          return home.kms.reEncrypt(...call);
        },
      },
    };
    const runs: string[] = [];
    let cursor: string | undefined;
    do {
      const one = await runSegment(
        { campaignId: campaign.id, segment: 1 },
        { campaigns: tables.campaigns, access: () => slow, clock },
        { owner: crypto.randomUUID(), pageSize: 10, sliceMs: 100 },
      );
      runs.push(one.kind);
      if (one.kind !== "handed-back" && one.kind !== "done") throw new TypeError(`it is ${one.kind}`);
      ({ cursor } = one.segment);
    } while (cursor !== undefined);
    expect(runs.slice(0, -1)).toEqual(runs.slice(1).map(() => "handed-back"));
    expect(runs.length).toBeGreaterThan(2);
    await requireDone(born);
  });

  it("is not begun while the campaign does not run", async () => {
    await tables.bear(1, from);
    campaign = await applyTrigger(tables.campaigns, campaign, { kind: "pause" }, act());
    expect(await run()).toEqual({ kind: "halted", status: "paused" });
    expect(await tables.campaigns.getSegment(campaign.id, 1)).toMatchObject({ seq: 0 });
  });

  it.each(["pause", "cancel"] as const)(
    "stops within moments at a %s, in the middle of a page that would take minutes",
    async (kind) => {
      const born = await tables.bear(20, from);
      let calls = 0;
      const slow: KmsGovernor = {
        ...home.kms,
        async reEncrypt(request, options) {
          calls += 1;
          if (calls <= 5) return home.kms.reEncrypt(request, options);
          // As a call that waits for its turn in a small share.
          await new Promise((resolve) => options?.signal?.addEventListener("abort", resolve, { once: true }));
          return home.kms.reEncrypt(request, options);
        },
      };
      const running = run({ access: { kms: slow }, pageSize: 100, concurrency: 2, lookEveryMs: 20 });
      await expect.poll(() => calls).toBeGreaterThan(5);
      campaign = await applyTrigger(tables.campaigns, campaign, { kind }, act());
      expect(await running).toEqual({ kind: "halted", status: campaign.status });
      // What was re-encrypted is swapped; nothing else is, and the checkpoint says nothing of the page.
      const swapped = (await readWraps(tables.wraps)).filter(({ keyArn }) => keyArn === to);
      expect(swapped).toHaveLength(5);
      expect(await changedDeks(swapped, to, born, home.kms)).toEqual([]);
      expect((await tables.campaigns.getSegment(campaign.id, 1))?.counts).toEqual({});
      if (kind === "cancel") return;
      campaign = await applyTrigger(tables.campaigns, campaign, { kind: "resume" }, act());
      expect(await run()).toMatchObject({ kind: "done" });
      await requireDone(born);
    },
  );

  it("hears of a change of the share while it is at work", async () => {
    await tables.bear(5, from);
    const heard: (number | undefined)[] = [];
    let isHeard = () => {};
    const changed = new Promise<void>((resolve) => {
      isHeard = resolve;
    });
    const running = runSegment(
      { campaignId: campaign.id, segment: 1 },
      {
        campaigns: tables.campaigns,
        access: () => ({
          ...tables.access(to, [from]),
          kms: { ...home.kms, reEncrypt: async (...call) => changed.then(() => home.kms.reEncrypt(...call)) },
        }),
        onControls: (_, { share }) => {
          heard.push(share);
          if (share === 0.25) isHeard();
        },
      },
      { owner: "w", lookEveryMs: 20 },
    );
    await tables.campaigns.setControls(campaign.id, { controls: { share: 0.25 }, ...act() });
    expect(await running).toMatchObject({ kind: "done" });
    expect(heard).toContain(0.25);
  });

  it("pauses its campaign at a disabled key, once however many meet it, and goes on after a resume", async () => {
    const born = await tables.bear(30, from);
    await tables.campaigns.createSegments(
      campaign.id,
      [2, 3, 4].map((number, index) => segmentOf(number, index, 3)),
    );
    await home.clients.kms.send(new DisableKeyCommand({ KeyId: from }));
    const runs = await Promise.all([2, 3, 4].map((segment) => run({ segment })));
    for (const one of runs) {
      expect(one).toMatchObject({ kind: "halted", status: "paused" });
    }
    const history = await tables.campaigns.history(campaign.id);
    expect(history.map(({ to: status }) => status)).toEqual(["planned", "running", "paused"]);
    expect(history.at(-1)?.reason).toContain("KMS_KEY_UNUSABLE");
    expect(await tables.campaigns.countFailures(campaign.id)).toMatchObject({ open: 0 });

    await home.clients.kms.send(new EnableKeyCommand({ KeyId: from }));
    const paused = (await tables.campaigns.get(campaign.id)) ?? campaign;
    await applyTrigger(tables.campaigns, paused, { kind: "resume" }, act());
    for (const segment of [2, 3, 4]) expect(await run({ segment })).toMatchObject({ kind: "done" });
    await requireDone(born);
  });

  it("waits for a table that is away, and pauses for nothing", async () => {
    await tables.bear(3, from);
    const error = { service: "dynamodb", operation: "Scan", errorName: "InternalServerError", status: 500 } as const;
    home.aws.control.injectErrors(region, error);
    expect(await run()).toMatchObject({ kind: "later", stop: { class: "store", code: "STORE_UNAVAILABLE" } });
    expect(await tables.campaigns.get(campaign.id)).toMatchObject({ status: "running" });
  });

  it("records what failed and goes on; the failure is tried again and resolved once the wrap is mended", async () => {
    const born = await tables.bear(10, from);
    const [victim] = await readWraps(tables.wraps);
    if (!victim) throw new TypeError("ten were born");
    const setBlob = async (oldBlob: Uint8Array, blob: Uint8Array) => {
      const next = { blob, keyArn: from, campaign: "none", wrappedAt: act().at };
      await tables.wraps.swap([{ id: victim.id, oldBlob, next }]);
    };
    const damaged = Buffer.from("damaged");
    await setBlob(victim.blob, damaged);
    expect(await run()).toMatchObject({ kind: "done", segment: { counts: { scanned: 10, swapped: 9, failed: 1 } } });
    const failure = { store: "dekhand", region, id: victim.id };
    expect(await tables.campaigns.getFailure(campaign.id, failure)).toMatchObject({
      class: "poison",
      attempts: 1,
      state: "open",
    });

    const deps = { ...tables.access(to, [from]), campaigns: tables.campaigns };
    expect(await retryFailures(campaign.id, target, deps)).toEqual({ resolved: 0, failed: 1, left: 0 });
    expect(await tables.campaigns.getFailure(campaign.id, failure)).toMatchObject({ attempts: 2, state: "open" });
    await setBlob(damaged, victim.blob);
    expect(await retryFailures(campaign.id, target, deps)).toEqual({ resolved: 1, failed: 0, left: 0 });
    expect(await tables.campaigns.countFailures(campaign.id)).toMatchObject({ open: 0, resolved: 1 });
    await requireDone(born);
  });

  it("that the campaign or the configuration does not know is refused", async () => {
    const unknown = expect.objectContaining({ code: "CAMPAIGN_TARGET_UNKNOWN" });
    await tables.campaigns.createSegments(campaign.id, [{ ...segmentOf(2, 0, 1), store: "legacy" }]);
    await expect(run({ segment: 2 })).rejects.toEqual(unknown);
    const job = { campaignId: campaign.id, segment: 1 };
    const deps = { campaigns: tables.campaigns, access: () => undefined };
    await expect(runSegment(job, deps, { owner: "w" })).rejects.toEqual(unknown);
    await expect(runSegment({ ...job, campaignId: "none" }, deps, { owner: "w" })).rejects.toEqual(unknown);
  });

  it("ends with the signal's reason, and leaves no work behind", async () => {
    await tables.bear(3, from);
    const controller = new AbortController();
    const reason = new Error("draining");
    const kms: KmsGovernor = {
      ...home.kms,
      reEncrypt: (request, options) => {
        controller.abort(reason);
        return home.kms.reEncrypt(request, options);
      },
    };
    await expect(run({ access: { kms }, signal: controller.signal })).rejects.toBe(reason);
    expect((await tables.campaigns.getSegment(campaign.id, 1))?.counts).toEqual({});
  });
});

function segmentOf(number: number, index: number, of: number): NewSegment {
  return { number, sweep: 1, phase: "rewrap", store: "dekhand", region, index, of };
}
