import { describe, expect, it } from "vitest";
import { countDebt } from "./count-debt.ts";
import type { StateTable } from "./state-table.ts";

const at = "2026-11-23T10:00:00.000Z";

/** A shard without an end: a page an item. */
function endless(onPage: (page: number) => void): StateTable {
  let pages = 0;
  const page: StateTable["page"] = async (kind, { signal }) => {
    signal?.throwIfAborted();
    pages += 1;
    onPage(pages);
    const item = { kind: { S: kind }, id: { S: `${pages}` }, at: { S: at }, deks: { N: "0" }, records: { N: "1" } };
    return { items: [item], last: `${pages}` };
  };
  const other = () => Promise.reject(new RangeError("counting reads pages alone"));
  const rest = { get: other, put: other, insert: other, replace: other, replaceWhere: other };
  return { ...rest, putAll: other, remove: other, removeAll: other, all: other, page };
}

describe("counting debt", () => {
  it("ends where its time is up, and says that there is more", async () => {
    const counted = await countDebt(
      endless(() => undefined),
      ["debt#1", "debt#2"],
      { budgetMs: 20 },
    );
    expect(counted).toMatchObject({ atLeast: true, oldestAt: at });
    expect(counted.items).toBeGreaterThan(2);
  });

  it("reads a page of each shard, however little time there is", async () => {
    const counted = await countDebt(
      endless(() => undefined),
      ["debt#1", "debt#2"],
      { budgetMs: 0 },
    );
    expect(counted).toMatchObject({ items: 2, records: 2, atLeast: true });
  });

  it("ends at once with the signal's reason", async () => {
    const [stop, reason] = [new AbortController(), new Error("enough")];
    const table = endless((page) => page === 3 && stop.abort(reason));
    const counting = countDebt(table, ["debt#1"], { budgetMs: 60_000, signal: stop.signal });
    await expect(counting).rejects.toBe(reason);
  });
});
