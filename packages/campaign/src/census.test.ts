import type { WrapPage, WrapStore } from "@dekhand/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CensusPage, censusSegment, takeCensus } from "./census.ts";
import { readTally } from "./census-tally.ts";
import { rewrapPage } from "./rewrap-page.ts";
import { type CampaignRegion, type Deployment, region, startCampaignRegion } from "./testing/campaign-region.ts";
import { readWraps } from "./testing/read-wraps.ts";

describe("a census", () => {
  let home: CampaignRegion;
  let tables: Deployment;
  let from: string;
  let to: string;
  let expected: unknown;

  beforeAll(async () => {
    home = await startCampaignRegion();
    tables = await home.deployment();
    [from, to] = [await home.createKey(), await home.createKey()];
    await tables.bear(30, from);
    await tables.bear(7, from, { material: false });
    const material = await home.materialOf(to);
    const target = { store: "dekhand", region, sources: [from], keyArn: to, material };
    const some = (await readWraps(tables.wraps)).filter((wrap) => wrap.material !== undefined).slice(0, 12);
    await rewrapPage(some, { campaignId: "c1", target }, tables.access(to, [from]));
    expected = [
      { keyArn: from, material: await home.materialOf(from), swapped: false, count: 18 },
      { keyArn: from, swapped: false, count: 7 },
      { keyArn: to, material, swapped: true, count: 12 },
    ].sort((a, b) =>
      JSON.stringify([a.keyArn, a.material ?? null]) < JSON.stringify([b.keyArn, b.material ?? null]) ? -1 : 1,
    );
  });
  afterAll(() => home[Symbol.asyncDispose]());

  it.each([1, 3, 8])("counts every wrap once by key, material and campaign, in %d segments", async (segments) => {
    const taken = await takeCensus([tables.wraps], { segments, campaignId: "c1", pageSize: 5, consistent: true });
    expect(taken).toEqual([{ store: "dekhand", region, groups: expected, unlisted: 0, malformed: 0 }]);
  });

  it("that is broken off after any page goes on from there to the same counts", async () => {
    let from: CensusPage | undefined;
    let pages = 0;
    do {
      const options = { campaignId: "c1", pageSize: 4, onPage: async () => false };
      from = await censusSegment(tables.wraps, { index: 0, of: 1 }, from ? { ...options, from } : options);
      pages += 1;
    } while (from.cursor !== undefined);
    expect(pages).toBeGreaterThan(8);
    expect(readTally(from.counts).groups).toEqual(expected);
  });

  it("fails as a whole when a segment fails, and leaves no other running", async () => {
    const failure = new Error("away");
    let open = 0;
    const store: WrapStore = {
      ...tables.wraps,
      async scan(segment, options) {
        if (segment.index === 1) throw failure;
        open += 1;
        return tables.wraps.scan(segment, options).finally(() => {
          open -= 1;
        });
      },
    };
    await expect(takeCensus([store], { segments: 3, pageSize: 1 })).rejects.toBe(failure);
    expect(open).toBe(0);
  });

  it("of a table that holds anything stays small and still counts everything", async () => {
    const page = (index: number): WrapPage => ({
      wraps: Array.from({ length: 500 }, (_, at) => ({
        id: `${index}-${at}`,
        keyArn: at === 0 ? "x".repeat(100_000) : `arn:${index}-${at}`,
        blob: Buffer.alloc(1),
        context: {},
      })),
      malformed: [{ id: "bent", reason: "bent" }],
      ...(index < 9 ? { cursor: String(index + 1) } : {}),
    });
    const scan = async (_: unknown, { cursor = "0" }: { cursor?: string } = {}) => page(Number(cursor));
    const { counts } = await censusSegment({ scan }, { index: 0, of: 1 });
    expect(JSON.stringify(counts).length).toBeLessThan(350_000);
    const tally = readTally(counts);
    expect(tally.malformed).toBe(10);
    expect(tally.groups.reduce((sum, { count }) => sum + count, tally.unlisted)).toBe(5_000);
  });

  it("is read apart from whatever is counted beside it", () => {
    const counts = { '["arn:k",null,true]': 4, current: 4, unprobed: 3, malformed: 2, "": 1 };
    const groups = [{ keyArn: "arn:k", swapped: true, count: 4 }];
    expect(readTally(counts)).toEqual({ groups, unlisted: 0, malformed: 2 });
  });
});
