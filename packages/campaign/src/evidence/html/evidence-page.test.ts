import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CampaignRegion, startCampaignRegion } from "../../testing/campaign-region.ts";
import { collectEvidence } from "../collect-evidence.ts";
import type { Evidence } from "../schema/evidence-schema.ts";
import { type RecordedCampaign, recordCampaign } from "../testing/record-campaign.ts";
import { finishedCampaign, hostileText, keyTarget, newKey, oldKey, place } from "../testing/sample-campaigns.ts";
import { renderEvidence } from "./evidence-page.ts";
import { html, textOf } from "./markup.ts";

describe("the page of a campaign's evidence", () => {
  let home: CampaignRegion;
  let collect: (recorded: RecordedCampaign) => Promise<Evidence>;
  beforeAll(async () => {
    home = await startCampaignRegion();
    const { campaigns } = await home.deployment();
    collect = async (recorded) => {
      const software = { name: "dekhand", version: "1" };
      const id = await recordCampaign(campaigns, recorded);
      return collectEvidence(campaigns, id, { software, at: "2026-11-05T12:00:00.000Z" });
    };
  });
  afterAll(() => home[Symbol.asyncDispose]());

  it("begins with the conclusions, and shows the numbers, the decisions, the hash and how to check it", async () => {
    const evidence = await collect(finishedCampaign);
    const page = renderEvidence(evidence);
    const conclusion = page.indexOf("The campaign is complete");
    expect(conclusion).toBeGreaterThan(0);
    expect(conclusion).toBeLessThan(page.indexOf("<table>"));
    for (const shown of [
      oldKey,
      newKey,
      "51,998",
      "skipped at 2026-11-02T09:30:00.000Z by grace: the tenant left in 2024",
      "STORE_DENIED: no",
      "by decrypt, of 10% of the wraps",
      "4 min",
      evidence.integrity.sha256,
      "dekhand campaign evidence --check FILE.json",
      "NOT signed",
    ]) {
      expect(page).toContain(shown);
    }
  });

  it("says NOT complete, NOT whole and NOT passed where that is so", async () => {
    const segments = [
      { phase: "preflight", counts: {}, done: false },
      { phase: "verify", index: 0, of: 2, counts: { malformed: 2 }, done: false },
    ] as const;
    const page = renderEvidence(await collect({ target: keyTarget, segments, way: ["preflight", "cancelled"] }));
    for (const said of [
      "The campaign is NOT complete. It is cancelled",
      "NOT whole: 0 of 1 segments are done",
      "NOT passed",
    ]) {
      expect(page).toContain(said);
    }
  });

  it("takes what operators, workers and tables of others wrote for text, wherever it stands", async () => {
    const failure = {
      ...place,
      id: hostileText.replaceAll("\u0000", ""),
      class: "poison",
      code: "KMS_POISON",
      message: hostileText,
      at: "2026-11-02T09:30:00.000Z",
      skippedFor: hostileText,
    };
    const evidence = await collect({ ...finishedCampaign, reason: hostileText, failures: [failure] });
    const page = renderEvidence({
      ...evidence,
      campaign: {
        ...evidence.campaign,
        id: hostileText,
        createdBy: hostileText,
        locks: [hostileText],
        facts: { [hostileText]: hostileText },
        targets: [{ ...keyTarget, store: hostileText, sources: [hostileText], material: hostileText }],
      },
      progress: evidence.progress.map((one) => ({ ...one, counts: { [hostileText]: 1 } })),
      census: {
        before: evidence.census.before.map((one) => ({ ...one, store: hostileText })),
        closing: evidence.census.closing.map((one) => ({
          ...one,
          groups: [{ keyArn: hostileText, material: hostileText, swapped: true, count: 1 }],
        })),
      },
      unreadableSegments: [hostileText],
      software: { name: hostileText, version: hostileText },
      statement: [hostileText, hostileText],
    });
    expect(page.match(/<(?:script|img)/gi)).toBeNull();
    for (const hidden of ["\u202e", "\u0000"]) expect(page).not.toContain(hidden);
    const escaped =
      "&lt;/td&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39; \\u{202e}\\u{0}\\u{a}&lt;img src=x onerror=y&gt;";
    expect(page.split(escaped).length - 1).toBeGreaterThan(20);
  });

  it("runs nothing, loads nothing, and lets nothing do so", async () => {
    const page = renderEvidence(await collect(finishedCampaign));
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<(?:script|link|img|iframe|object|form)|\s(?:on\w+|src|href)=|url\(|@import/i);
    expect(page).toMatch(/@media print/);
  });

  it("is well formed: every element that is opened is closed, in order", async () => {
    const page = renderEvidence(await collect(finishedCampaign));
    const open: string[] = [];
    for (const [, closing, name = ""] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
      if (name === "meta") continue;
      if (closing === "") open.push(name);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });
});

it("a template takes only what came out of a template for markup", () => {
  expect(textOf(html`<p>${"<i>"}${html`<b>${"&"}</b>`}${[1_000, undefined, "'"]}</p>`)).toBe(
    "<p>&lt;i&gt;<b>&amp;</b>1,000&#39;</p>",
  );
});
