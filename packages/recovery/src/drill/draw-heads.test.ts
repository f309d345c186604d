import type { HeadPage, RecordHead } from "@dekhand/store";
import { describe, expect, it } from "vitest";
import { drawHeads } from "./draw-heads.ts";

/** A table of so many records, spread as evenly over segments as hashes are. */
function table(count: number) {
  let scanned = 0;
  const head = (number: number): RecordHead => ({
    ...{ recordId: `record-${number}`, jobId: "job", dekId: "dek", context: {}, contentType: "text/plain" },
    ...{ epoch: 1, sealId: `seal-${number}`, size: 10, digest: "", createdAt: "", parts: 0 },
  });
  return {
    scanned: () => scanned,
    async scanHeads(
      { index, of }: { readonly index: number; readonly of: number },
      { cursor, pageSize = 500 }: { readonly cursor?: string; readonly pageSize?: number } = {},
    ): Promise<HeadPage> {
      const end = Math.ceil(((index + 1) * count) / of);
      const from = cursor === undefined ? Math.ceil((index * count) / of) : Number(cursor);
      const to = Math.min(end, from + pageSize);
      scanned += 1;
      const heads = Array.from({ length: Math.max(0, to - from) }, (_, at) => head(from + at));
      return { heads, malformed: [], ...(to < end ? { cursor: String(to) } : {}) };
    },
  };
}

async function drawn(from: ReturnType<typeof table>, count: number, seed: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const heads of drawHeads(from, count, { seed })) ids.push(...heads.map(({ recordId }) => recordId));
  return ids;
}

const numberOf = (recordId: string) => Number(recordId.slice("record-".length));

describe("a sample of a table", () => {
  it.each([
    [0, 10, 0],
    [7, 10, 7],
    [500, 500, 500],
    [500, 10, 10],
    [5_000_000, 1_000, 1_000],
  ])("of %i records has of %i that are asked for %i, each once", async (records, asked, expected) => {
    const ids = await drawn(table(records), asked, "seed");
    expect(ids).toHaveLength(expected);
    expect(new Set(ids).size).toBe(expected);
  });

  it("is the same by the same seed, and by another one another", async () => {
    const [one, same, other] = await Promise.all(["a", "a", "b"].map((seed) => drawn(table(100_000), 200, seed)));
    expect(one).toEqual(same);
    expect(one?.filter((id) => other?.includes(id)).length).toBeLessThan(20);
  });

  it("comes from all over a large table, and reads little of it", async () => {
    const from = table(5_000_000);
    const ids = await drawn(from, 1_000, "seed");
    const tenths = new Set(ids.map((id) => Math.floor(numberOf(id) / 500_000)));
    expect(tenths.size).toBe(10);
    expect(from.scanned()).toBeLessThan(100);
  });

  it("may have any record of a large table, not only those that a segment begins with", async () => {
    const places = new Set<number>();
    for (let seed = 0; seed < 20; seed += 1) {
      for (const id of await drawn(table(20_000), 100, `seed ${seed}`)) places.add(Math.floor(numberOf(id) / 100));
    }
    // 2,000 draws over 200 stretches of the table.
    expect(places.size).toBeGreaterThan(190);
  });
});
