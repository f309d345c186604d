import { DisableKeyCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import type { Campaign, CampaignTarget } from "@dekhand/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { applyTrigger } from "../apply-trigger.ts";
import { writeSettings } from "../settings.ts";
import { type CampaignCrew, type CrewOptions, startCrew } from "../testing/campaign-crew.ts";
import { type CampaignRegion, type Deployment, region, startCampaignRegion } from "../testing/campaign-region.ts";
import { changedDeks, readWraps } from "../testing/read-wraps.ts";
import { allSegments } from "./campaign-view.ts";

describe("a campaign", () => {
  let home: CampaignRegion;
  let tables: Deployment;
  let from: string;
  let to: string;

  beforeAll(async () => {
    home = await startCampaignRegion();
  });
  beforeEach(async () => {
    home.aws.control.clearFaults();
    [tables, from, to] = await Promise.all([home.deployment(), home.createKey(), home.createKey()]);
  });
  afterAll(() => home[Symbol.asyncDispose]());

  const act = (reason = "test") => ({ at: new Date().toISOString(), actor: "test", reason });
  const toOther = (): CampaignTarget => ({ store: "dekhand", region, sources: [from], keyArn: to });

  const start = async (target = toOther(), settings = {}): Promise<Campaign> => {
    const created = await tables.campaigns.create(
      {
        id: crypto.randomUUID(),
        kind: target.sources.includes(target.keyArn) ? "rotation" : "key",
        targets: [target],
        settings: writeSettings({ canary: 5, sample: 1, probeBy: "dry-run", segments: 4, ...settings }),
        ...act(),
      },
      [...target.sources, target.keyArn],
    );
    return applyTrigger(tables.campaigns, created, { kind: "start" }, act());
  };
  const crew = (options: Partial<CrewOptions> = {}): Promise<CampaignCrew> =>
    startCrew(home, tables, { access: () => tables.access(to, [from]), ...options });
  const statusesOf = async (id: string) => (await tables.campaigns.history(id)).map((event) => event.to);
  const lastReason = async (id: string) => (await tables.campaigns.get(id))?.last.reason;

  it("goes from key to key, all by itself, and leaves the old key", async () => {
    const born = await tables.bear(60, from);
    let aheadMs = 0;
    await using working = await crew({ aheadMs: () => aheadMs, driver: { requeueMs: 50 } });
    const { id } = await start();
    await working.until(id, "verifying");
    // A DEK whose birth began before the key was left may still be on its way: the closing census waits for it.
    expect((await allSegments(tables.campaigns, id)).some(({ phase }) => phase === "verify")).toBe(false);
    expect(await working.state.leftKey(from)).toMatchObject({ campaignId: id });
    const late = await tables.bear(3, from);
    aheadMs = 30_000;
    expect(await working.until(id)).toBe("complete");
    expect(await statusesOf(id)).toEqual([
      "planned",
      "preflight",
      "canary",
      "running",
      "verifying",
      "running",
      "verifying",
      "complete",
    ]);
    const wraps = await readWraps(tables.wraps);
    expect(wraps).toHaveLength(63);
    for (const wrap of wraps) expect(wrap).toMatchObject({ keyArn: to, campaign: id });
    expect(await changedDeks(wraps, to, new Map([...born, ...late]), home.kms)).toEqual([]);
  });

  it("forgets nothing when the queue does, again and again", async () => {
    const born = await tables.bear(80, from);
    await using working = await crew({ run: { pageSize: 10, sliceMs: 1 }, driver: { requeueMs: 300_000 } });
    const { id } = await start();
    const flushing = setInterval(() => working.flush(), 250);
    try {
      expect(await working.until(id)).toBe("complete");
    } finally {
      clearInterval(flushing);
    }
    const wraps = await readWraps(tables.wraps);
    expect(await changedDeks(wraps, to, born, home.kms)).toEqual([]);
  });

  it("is refused where a live worker still makes DEKs under a key to be left", async () => {
    await tables.bear(3, from);
    await using working = await crew({ driver: { writerPatienceMs: 0 } });
    const beat = { service: "encryptor", version: "1", at: new Date().toISOString() };
    await working.state.putHeartbeat({ ...beat, workerId: "encryptor-old", keys: { people: { [region]: from } } });
    const { id } = await start();
    expect(await working.until(id)).toBe("failed");
    expect(await lastReason(id)).toContain("encryptor-old (people)");
    expect(await working.state.leftKey(from)).toBeUndefined();
  });

  it("is refused where a key is disabled, and where the configuration lists no such key", async () => {
    await tables.bear(3, from);
    await using working = await crew();
    await home.clients.kms.send(new DisableKeyCommand({ KeyId: to }));
    const { id } = await start();
    expect(await working.until(id)).toBe("failed");
    expect(await lastReason(id)).toContain("Disabled");
    await home.clients.kms.send(new EnableKeyCommand({ KeyId: to }));

    const stranger = await home.createKey();
    const second = await start({ ...toOther(), keyArn: stranger });
    expect(await working.until(second.id)).toBe("failed");
    expect(await lastReason(second.id)).toContain("none that the configuration lists");
  });

  it("is refused where nobody can check its targets", async () => {
    await using working = await crew({ workers: 0, driver: { checkPatienceMs: 100 } });
    const { id } = await start();
    expect(await working.until(id)).toBe("failed");
    expect(await lastReason(id)).toContain("no rewrapper has checked");
  });

  it("stops at the canary where a wrap of it fails, and takes its mark back", async () => {
    await tables.bear(4, from);
    await using working = await crew();
    // Made with another context than its DEK id implies.
    const [wrap] = await readWraps(tables.wraps);
    const other = await home.kms.encrypt({ keyArn: from, plaintext: Buffer.alloc(32), context: { not: "its own" } });
    const next = { blob: other.blob, keyArn: from, campaign: "earlier", wrappedAt: new Date().toISOString() };
    await tables.wraps.swap([{ id: wrap?.id ?? "", oldBlob: wrap?.blob ?? Buffer.alloc(0), next }]);
    const { id } = await start();
    expect(await working.until(id)).toBe("failed");
    expect(await statusesOf(id)).toEqual(["planned", "preflight", "canary", "failed"]);
    expect(await lastReason(id)).toContain("1 of 4 wraps");
    await expect.poll(() => working.state.leftKey(from)).toBeUndefined();
  });

  it("pauses itself over failures, and completes when they were skipped, or mended and retried", async () => {
    const born = await tables.bear(6, from);
    const [first, second] = await readWraps(tables.wraps);
    if (!first || !second) throw new TypeError("there are six");
    const broken = async ({ id, blob }: { id: string; blob: Uint8Array }) => {
      const damaged = Buffer.from(blob);
      damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1);
      const next = { blob: damaged, keyArn: from, campaign: "earlier", wrappedAt: new Date().toISOString() };
      await tables.wraps.swap([{ id, oldBlob: blob, next }]);
      return { id, oldBlob: damaged, next: { ...next, blob } };
    };
    const mend = await broken(first);
    await broken(second);
    await using working = await crew();
    const { id } = await start(toOther(), { canary: 0 });
    expect(await working.until(id, "paused")).toBe("paused");
    expect(await lastReason(id)).toContain("failures are unresolved: 2");

    await tables.wraps.swap([mend]);
    await tables.campaigns.skipFailure(id, { store: "dekhand", region, id: second.id }, act("its records are gone"));
    const paused = await tables.campaigns.get(id);
    if (!paused) throw new TypeError("it is there");
    await applyTrigger(tables.campaigns, paused, { kind: "resume" }, act("mended"));
    expect(await working.until(id)).toBe("complete");
    expect(await tables.campaigns.countFailures(id)).toMatchObject({ open: 0, resolved: 1, skipped: 1 });
    const wraps = (await readWraps(tables.wraps)).filter((wrap) => wrap.id !== second.id);
    expect(await changedDeks(wraps, to, born, home.kms)).toEqual([]);
  });

  it("fails where a wrap is labelled as current and is not, if it was this campaign's; is open to an operator if not", async () => {
    await tables.bear(5, from);
    const [wrap] = await readWraps(tables.wraps);
    if (!wrap) throw new TypeError("there are five");
    // Labelled new, really old.
    const next = { blob: wrap.blob, keyArn: to, campaign: "earlier", wrappedAt: new Date().toISOString() };
    await tables.wraps.swap([{ id: wrap.id, oldBlob: wrap.blob, next }]);
    await using working = await crew();
    const { id } = await start();
    expect(await working.until(id, "paused")).toBe("paused");
    const [failure] = (await tables.campaigns.listFailures(id)).entries;
    expect(failure).toMatchObject({
      id: wrap.id,
      class: "mislabelled",
      code: "CAMPAIGN_WRAP_MISLABELLED",
      state: "open",
    });
  });

  it("of a rotation brings every wrap to the new material, whoever made it", async () => {
    const born = await tables.bear(20, from);
    await home.rotate(from);
    const material = await home.materialOf(from);
    const fresh = await tables.bear(5, from);
    await using working = await crew({ access: () => tables.access(from) });
    const { id } = await start({ store: "dekhand", region, sources: [from], keyArn: from, material });
    expect(await working.until(id)).toBe("complete");
    const wraps = await readWraps(tables.wraps);
    for (const wrap of wraps) expect(wrap).toMatchObject({ keyArn: from, material });
    expect(wraps.filter(({ campaign }) => campaign === id)).toHaveLength(20);
    expect(await changedDeks(wraps, from, new Map([...born, ...fresh]), home.kms)).toEqual([]);
  });

  it("goes back to a key that was left, by a campaign the other way", async () => {
    await tables.bear(6, from);
    await using working = await crew({ access: () => tables.access(from, [to]) });
    const there = await start();
    expect(await working.until(there.id)).toBe("complete");
    const back = await start({ store: "dekhand", region, sources: [to], keyArn: from });
    expect(await working.until(back.id)).toBe("complete");
    expect(await working.state.leftKey(from)).toBeUndefined();
    expect(await working.state.leftKey(to)).toMatchObject({ campaignId: back.id });
  });
});
