import canonicalize from "canonicalize";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CampaignRegion, startCampaignRegion } from "../testing/campaign-region.ts";
import { checkEvidence } from "./check-evidence.ts";
import { collectEvidence } from "./collect-evidence.ts";
import { evidenceHash } from "./integrity/evidence-hash.ts";
import type { Evidence } from "./schema/evidence-schema.ts";
import { recordCampaign } from "./testing/record-campaign.ts";
import { finishedCampaign, hostileText } from "./testing/sample-campaigns.ts";

describe("a document of evidence", () => {
  let home: CampaignRegion;
  let evidence: Evidence;
  let text: string;
  beforeAll(async () => {
    home = await startCampaignRegion();
    const { campaigns } = await home.deployment();
    const id = await recordCampaign(campaigns, { ...finishedCampaign, reason: `é\u{1f511} ${hostileText}` });
    const software = { name: "dekhand", version: "1" };
    evidence = await collectEvidence(campaigns, id, { software, at: "2026-11-05T12:00:00.000Z" });
    text = JSON.stringify(evidence, null, 2);
  });
  afterAll(() => home[Symbol.asyncDispose]());

  it("is verified as it was written, and is what it was", async () => {
    expect(await checkEvidence(text)).toEqual({ kind: "verified", signed: false, evidence });
  });

  it("is verified in another order of members, with other white space and other escapes", async () => {
    const turned = `\n ${JSON.stringify(reordered(evidence), null, "\t")} \r\n`;
    expect(turned).not.toBe(text);
    expect(await checkEvidence(turned)).toMatchObject({ kind: "verified" });
    const escaped = text.replace(/[^\n\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
    expect(escaped).not.toBe(text);
    expect(await checkEvidence(escaped)).toMatchObject({ kind: "verified" });
  });

  it("is refused when any of its bytes is another one, unless it reads the same", async () => {
    const bytes = Buffer.from(text);
    const position = fc.nat(bytes.length - 1);
    await fc.assert(
      fc.asyncProperty(position, fc.integer({ min: 1, max: 255 }), async (at, difference) => {
        const changed = Buffer.from(bytes);
        changed.writeUInt8((changed.readUInt8(at) + difference) % 256, at);
        const read = changed.toString();
        const isSame = parsed(read) === parsed(text);
        expect((await checkEvidence(read)).kind === "verified").toBe(isSame);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is refused when any of its values is another one", async () => {
    let changes = 0;
    for (const changed of changedLeaves(evidence)) {
      changes += 1;
      expect((await checkEvidence(JSON.stringify(changed))).kind).not.toBe("verified");
    }
    expect(changes).toBeGreaterThan(200);
  });

  it("that was changed and not hashed again is told from one that cannot be read", async () => {
    const changed = JSON.stringify({ ...evidence, campaign: { ...evidence.campaign, status: "cancelled" } });
    expect(await checkEvidence(changed)).toMatchObject({ kind: "changed" });
    for (const other of ["", "{}", "null", "[]", "{", text.slice(0, -5), '{"format":"dekhand-campaign-evidence"}']) {
      expect(await checkEvidence(other)).toMatchObject({ kind: "unreadable" });
    }
    const integrity = { ...evidence.integrity, canonicalization: "none" };
    expect(await checkEvidence(JSON.stringify({ ...evidence, integrity }))).toMatchObject({ kind: "unreadable" });
    const surrogate = JSON.stringify({ ...evidence, collectedAt: "\ud800" });
    expect(await checkEvidence(surrogate)).toMatchObject({ kind: "changed" });
  });

  it("of another version is refused by its number", async () => {
    expect(await checkEvidence(JSON.stringify({ ...evidence, version: 2 }))).toEqual({
      kind: "version-unknown",
      reason: "it is of version 2; this release reads version 1",
    });
  });

  it("that is hashed again after a change passes: a hash alone is no proof", async () => {
    const forged = { ...evidence, collectedAt: "2020-01-01T00:00:00.000Z" };
    const integrity = { ...forged.integrity, sha256: evidenceHash(forged) };
    expect(await checkEvidence(JSON.stringify({ ...forged, integrity }))).toMatchObject({
      kind: "verified",
      signed: false,
    });
  });

  it("with a member that the format does not have is refused even where its hash fits", async () => {
    const more = { ...evidence, remark: "all good" };
    const integrity = { ...evidence.integrity, sha256: evidenceHash(more) };
    expect(await checkEvidence(JSON.stringify({ ...more, integrity }))).toMatchObject({ kind: "unreadable" });
    const inside = { ...evidence, integrity: { ...evidence.integrity, remark: "all good" } };
    expect(await checkEvidence(JSON.stringify(inside))).toMatchObject({ kind: "unreadable" });
  });

  it("with two members of one name is refused: which one counts is up to who reads it", async () => {
    const twice = text.replace('"collectedAt":', '"collectedAt": "2020-01-01T00:00:00.000Z",\n"collectedAt":');
    expect(parsed(twice)).toBe(parsed(text));
    expect(await checkEvidence(twice)).toEqual({
      kind: "unreadable",
      reason: "an object in it has two members of one name",
    });
  });

  it("that is huge is answered, too", async () => {
    const huge = `{"format":"dekhand-campaign-evidence","version":1,"integrity":"${'\\"'.repeat(5_000_000)}"}`;
    expect(await checkEvidence(huge)).toMatchObject({ kind: "unreadable" });
    const deep = `{"format":"dekhand-campaign-evidence","version":1,"integrity":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    expect(await checkEvidence(deep)).toMatchObject({ kind: "unreadable" });
  });
});

it("canonical JSON is that of RFC 8785's own example", () => {
  const input = String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`;
  expect(canonicalize(JSON.parse(input))).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
  const sorted = canonicalize({ "€": 1, "\r": 2, "\ufb33": 3, "1": 4, "\u{1f600}": 5, "\u0080": 6, ö: 7 });
  expect(Object.values(JSON.parse(sorted ?? "").valueOf())).toHaveLength(7);
  expect([...(sorted ?? "").matchAll(/:(\d)/g)].map(([, digit]) => digit).join("")).toBe("2467153");
});

/** What a reader sees, whatever order and spelling; undefined for what is no JSON. */
function parsed(json: string): string | undefined {
  try {
    return canonicalize(JSON.parse(json));
  } catch {
    return undefined;
  }
}

function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inside]) => [name, reordered(inside)]),
  );
}

/** The document again and again, each time with one of its values changed a little. */
function* changedLeaves(value: unknown): Generator<unknown> {
  if (typeof value === "string") yield `${value.slice(0, -1)}${value.endsWith("x") ? "y" : "x"}`;
  else if (typeof value === "number") yield value + 1;
  else if (typeof value === "boolean") yield !value;
  else if (Array.isArray(value)) {
    for (const [at, inside] of value.entries()) {
      for (const changed of changedLeaves(inside)) yield value.with(at, changed);
      yield value.toSpliced(at, 1);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [name, inside] of Object.entries(value)) {
      for (const changed of changedLeaves(inside)) yield { ...value, [name]: changed };
      yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== name));
    }
  }
}
