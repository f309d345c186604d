import { DisableKeyCommand, EnableKeyCommand } from "@aws-sdk/client-kms";
import type { KmsGovernor } from "@dekhand/kms";
import type { CampaignTarget, SwapOutcome, WrapRef, WrapStore, WrapSwap } from "@dekhand/store";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { rewrapPage } from "./rewrap-page.ts";
import { type CampaignRegion, type Deployment, region, startCampaignRegion } from "./testing/campaign-region.ts";
import { changedDeks, readWraps } from "./testing/read-wraps.ts";

const campaignId = "c1";
const place = { store: "dekhand", region };

describe("a page", () => {
  let home: CampaignRegion;
  let tables: Deployment;
  let from: string;
  let to: string;
  let target: CampaignTarget;

  beforeAll(async () => {
    home = await startCampaignRegion();
  });
  beforeEach(async () => {
    home.aws.control.clearFaults();
    [tables, from, to] = await Promise.all([home.deployment(), home.createKey(), home.createKey()]);
    target = { ...place, sources: [from], keyArn: to, material: await home.materialOf(to) };
  });
  afterAll(() => home[Symbol.asyncDispose]());

  const run = async (wraps: readonly WrapRef[], changes: Partial<Parameters<typeof rewrapPage>[2]> = {}) =>
    rewrapPage(wraps, { campaignId, target }, { ...tables.access(to, [from]), ...changes });

  const kinds = (page: Awaited<ReturnType<typeof rewrapPage>>) => page.outcomes.map(({ kind }) => kind);

  /** A wrap store in which `meddle` sees the swaps before they happen. */
  const storeWith = (
    meddle: (swaps: readonly WrapSwap[]) => Promise<readonly SwapOutcome[] | undefined>,
  ): WrapStore => ({
    ...tables.wraps,
    swap: async (swaps, options) => (await meddle(swaps)) ?? tables.wraps.swap(swaps, options),
  });

  it("is rewrapped item by item: every wrap is under the target, with its labels, and holds the same DEK", async () => {
    const born = await tables.bear(60, from);
    const page = await run(await readWraps(tables.wraps));
    expect(page.stop).toBeUndefined();
    expect(new Set(kinds(page))).toEqual(new Set(["swapped"]));
    const wraps = await readWraps(tables.wraps);
    expect(wraps).toHaveLength(60);
    for (const wrap of wraps)
      expect(wrap).toMatchObject({ keyArn: to, material: target.material, campaign: campaignId });
    expect(await changedDeks(wraps, to, born, home.kms)).toEqual([]);
  });

  it("that is run again changes nothing and calls KMS for nothing", async () => {
    await tables.bear(5, from);
    await run(await readWraps(tables.wraps));
    const before = await readWraps(tables.wraps);
    home.aws.control.resetCounts();
    expect(kinds(await run(before))).toEqual(Array.from({ length: 5 }, () => "current"));
    expect(home.aws.control.callCounts()[region]?.kms.ReEncrypt).toBeUndefined();
    expect(await readWraps(tables.wraps)).toEqual(before);
  });

  it("moves wraps of one key to its new material", async () => {
    const born = await tables.bear(5, to);
    await home.aws.control.rotateKey(region, to);
    target = {
      ...place,
      sources: [to],
      keyArn: to,
      material: await home.materialOf(to),
      rotatedAt: new Date().toISOString(),
    };
    expect(new Set(kinds(await run(await readWraps(tables.wraps))))).toEqual(new Set(["swapped"]));
    const wraps = await readWraps(tables.wraps);
    for (const wrap of wraps) expect(wrap).toMatchObject({ keyArn: to, material: target.material });
    expect(await changedDeks(wraps, to, born, home.kms)).toEqual([]);
  });

  it("leaves a wrap under a key that the campaign does not concern", async () => {
    await tables.bear(1, await home.createKey());
    const before = await readWraps(tables.wraps);
    expect(kinds(await run(before))).toEqual(["other"]);
    expect(await readWraps(tables.wraps)).toEqual(before);
  });

  it("never writes over what somebody else wrote meanwhile, and brings back nothing that was deleted", async () => {
    await tables.bear(2, from);
    const [first, second] = await readWraps(tables.wraps);
    if (!first || !second) throw new TypeError("two were born");
    const next = { blob: Buffer.from("other"), keyArn: from, campaign: "c0", wrappedAt: new Date().toISOString() };
    await tables.wraps.swap([{ id: first.id, oldBlob: first.blob, next }]);
    const ghost = { ...second, id: crypto.randomUUID() };
    const page = await run([first, second, ghost]);
    // The ghost's KMS context is another DEK's.
    expect(kinds(page)).toEqual(["conflict", "swapped", "failed"]);
    expect((await tables.wraps.read(first.id))?.blob).toEqual(next.blob);
    const gone = storeWith(async () => [{ kind: "gone" }]);
    await tables.bear(1, from);
    const fresh = (await readWraps(tables.wraps)).filter(({ keyArn, blob }) => keyArn === from && blob.length > 10);
    expect(kinds(await run(fresh, { store: gone }))).toEqual(["gone"]);
  });

  describe("does not believe the table:", () => {
    it("a wrap that was moved to another DEK is quarantined without a KMS call, and stops no other", async () => {
      await tables.bear(2, from);
      const [first, second] = await readWraps(tables.wraps);
      if (!first || !second) throw new TypeError("two were born");
      home.aws.control.resetCounts();
      const page = await run([{ ...first, context: second.context, blob: second.blob }, second]);
      expect(page.outcomes).toMatchObject([
        { kind: "failed", failure: { class: "quarantined", code: "CAMPAIGN_QUARANTINED" } },
        { kind: "swapped" },
      ]);
      expect(home.aws.control.callCounts()[region]?.kms.ReEncrypt?.calls).toBe(1);
    });

    it.each<[string, (wrap: WrapRef) => WrapRef]>([
      ["a profile that there is not", (wrap) => ({ ...wrap, context: { ...wrap.context, "dekhand:profile": "x" } })],
      ["no profile", (wrap) => ({ ...wrap, context: {} })],
      ["the profile __proto__", (wrap) => ({ ...wrap, context: { ...wrap.context, "dekhand:profile": "__proto__" } })],
      ["a scope of Dekhand's own names", (wrap) => ({ ...wrap, context: { ...wrap.context, "dekhand:transit": "x" } })],
    ])("%s is quarantined", async (_, bend) => {
      await tables.bear(1, from);
      const page = await run((await readWraps(tables.wraps)).map(bend));
      expect(page.outcomes).toMatchObject([{ kind: "failed", failure: { class: "quarantined" } }]);
    });

    it("a campaign with a key as its target that the configuration does not list rewraps nothing", async () => {
      await tables.bear(1, from);
      const before = await readWraps(tables.wraps);
      home.aws.control.resetCounts();
      const page = await rewrapPage(before, { campaignId, target }, tables.access(from));
      expect(page.outcomes).toMatchObject([{ kind: "failed", failure: { class: "quarantined" } }]);
      expect(home.aws.control.callCounts()[region]?.kms.ReEncrypt).toBeUndefined();
      expect(await readWraps(tables.wraps)).toEqual(before);
    });

    it("an answer of KMS for another key than the one asked for is not stored", async () => {
      await tables.bear(1, from);
      const before = await readWraps(tables.wraps);
      const kms: Pick<KmsGovernor, "reEncrypt"> = {
        reEncrypt: async (...call) => ({ ...(await home.kms.reEncrypt(...call)), keyArn: from }),
      };
      const page = await run(before, { kms });
      expect(page.outcomes).toMatchObject([{ kind: "failed", failure: { code: "CAMPAIGN_REWRAP_UNVERIFIED" } }]);
      expect(await readWraps(tables.wraps)).toEqual(before);
    });

    it("another DEK's blob under this one's context is refused by KMS, and stops no other", async () => {
      await tables.bear(3, from);
      const [first, second, third] = await readWraps(tables.wraps);
      if (!first || !second || !third) throw new TypeError("three were born");
      const page = await run([{ ...first, blob: second.blob }, { ...second, blob: Buffer.from("no blob") }, third]);
      expect(page.outcomes).toMatchObject([
        { kind: "failed", failure: { class: "poison", code: "KMS_POISON" } },
        { kind: "failed", failure: { class: "poison" } },
        { kind: "swapped" },
      ]);
      expect(page.stop).toBeUndefined();
    });
  });

  describe("is stopped by what concerns every wrap, and blames none:", () => {
    it("a disabled key asks for a pause", async () => {
      await tables.bear(30, from);
      const wraps = await readWraps(tables.wraps);
      await home.clients.kms.send(new DisableKeyCommand({ KeyId: from }));
      const page = await run(wraps);
      expect(page.stop).toMatchObject({ kind: "pause", class: "key-unusable", code: "KMS_KEY_UNUSABLE" });
      expect(new Set(kinds(page))).toEqual(new Set(["left"]));
      await home.clients.kms.send(new EnableKeyCommand({ KeyId: from }));
      expect(new Set(kinds(await run(wraps)))).toEqual(new Set(["swapped"]));
    });

    it.each([
      ["KMS denies access", { service: "kms", errorName: "AccessDeniedException" }, { kind: "pause", class: "denied" }],
      [
        "the table denies it",
        { service: "dynamodb", errorName: "AccessDeniedException", operation: "UpdateItem" },
        { kind: "pause", class: "store" },
      ],
      [
        "the table is away",
        { service: "dynamodb", errorName: "InternalServerError", status: 500, operation: "UpdateItem" },
        { kind: "later", class: "store" },
      ],
    ] as const)("%s", async (_, fault, stop) => {
      await tables.bear(3, from);
      const wraps = await readWraps(tables.wraps);
      // The keys are looked up before the fault.
      const access = tables.access(to, [from]);
      const other = { ...target, keyArn: to, sources: [] };
      await rewrapPage(wraps, { campaignId, target: other }, access);
      await access.admit(wraps[0] ?? never(), [from, to], {});
      home.aws.control.injectErrors(region, fault);
      const page = await rewrapPage(wraps, { campaignId, target }, access);
      expect(page.stop).toMatchObject(stop);
      expect(new Set(kinds(page))).toEqual(new Set(["left"]));
    });

    it("an open breaker lets it be tried later", async () => {
      await tables.bear(1, from);
      const open: Pick<KmsGovernor, "reEncrypt"> = home.kms;
      const wraps = await readWraps(tables.wraps);
      await run(wraps.map((wrap) => ({ ...wrap, keyArn: "arn:nothing" })));
      home.aws.control.injectErrors(region, {
        service: "kms",
        operation: "ReEncrypt",
        errorName: "KMSInternalException",
        status: 500,
      });
      const request = {
        sourceKeyArn: from,
        blob: Buffer.alloc(9),
        sourceContext: {},
        targetKeyArn: to,
        targetContext: {},
      };
      const isOpen = () =>
        open.reEncrypt(request, { deadlineMs: 20 }).then(
          () => "",
          (error: { failureClass?: string }) => error.failureClass,
        );
      await expect.poll(isOpen, { interval: 1 }).toBe("circuit-open");
      const page = await run(wraps, { kms: open });
      expect(page).toMatchObject({ stop: { kind: "later", class: "circuit-open" }, outcomes: [{ kind: "left" }] });
      home.aws.control.clearFaults();
      await expect.poll(async () => kinds(await run(wraps))).toEqual(["swapped"]);
    });

    it("a key that was rotated again since the campaign was planned", async () => {
      await tables.bear(3, from);
      await home.aws.control.rotateKey(region, to);
      const before = await readWraps(tables.wraps);
      const page = await run(before);
      expect(page.stop).toMatchObject({ kind: "pause", code: "CAMPAIGN_TARGET_MOVED" });
      expect(await readWraps(tables.wraps)).toEqual(before);
    });
  });

  it("that is halted makes no further KMS call, but loses nothing that was re-encrypted", async () => {
    await tables.bear(40, from);
    const wraps = await readWraps(tables.wraps);
    const halt = new AbortController();
    let calls = 0;
    const kms: Pick<KmsGovernor, "reEncrypt"> = {
      reEncrypt: async (...call) => {
        const answer = await home.kms.reEncrypt(...call);
        calls += 1;
        if (calls === 10) halt.abort();
        return answer;
      },
    };
    const page = await rewrapPage(
      wraps,
      { campaignId, target },
      { ...tables.access(to, [from]), kms },
      { halt: halt.signal, concurrency: 4 },
    );
    const swapped = kinds(page).filter((kind) => kind === "swapped");
    expect(swapped).toHaveLength(calls);
    expect(calls).toBeLessThan(14);
    expect(kinds(page).filter((kind) => kind === "left")).toHaveLength(40 - calls);
    expect(page.stop).toBeUndefined();
  });
});

function never(): never {
  throw new TypeError("there are wraps");
}
