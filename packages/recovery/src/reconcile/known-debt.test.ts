import type { DebtItem, DebtStore } from "@dekhand/store";
import { describe, expect, it } from "vitest";
import { createKnownDebt } from "./known-debt.ts";

const region = "eu-west-1";
const at = "2026-11-23T10:00:00.000Z";

/** Debt of which each page takes so long to read. */
function slowDebt(pageMs: number) {
  const items: DebtItem[] = [];
  let [time, pages] = [0, 0];
  const state: Pick<DebtStore, "listDebt" | "putDebt"> = {
    async putDebt(more) {
      items.push(...more);
    },
    async listDebt() {
      pages += 1;
      time += pageMs;
      return { entries: [...items], malformed: [] };
    },
  };
  const known = createKnownDebt(state, region, { monotonic: () => time });
  return {
    state,
    known,
    pages: () => pages,
    pass: (ms: number) => {
      time += ms;
    },
    unnamed: async (recordId: string, isAnew = false) =>
      (await known.unnamed({ dekIds: [], recordIds: [recordId] }, { isAnew })).recordIds,
  };
}

describe("what is known to be owed", () => {
  it("is not read again for each page where reading it takes its time, and is as this run itself has left it", async () => {
    const debt = slowDebt(1_000);
    for (let page = 0; page < 10; page += 1) {
      const ids = { dekIds: [], recordIds: [`record-${page}`] };
      expect(await debt.known.unnamed(ids, {})).toEqual(ids);
      await debt.known.owe(ids, at, {});
      expect(await debt.unnamed(`record-${page}`)).toEqual([]);
      debt.pass(1_000);
    }
    expect(debt.pages()).toBe(1);
  });

  it("is read again after a while, however long it takes, and at once where that is asked for", async () => {
    const debt = slowDebt(5_000);
    expect(await debt.unnamed("record-1")).toEqual(["record-1"]);
    await debt.state.putDebt([{ id: "1", region, dekIds: [], recordIds: ["record-1"], at }]);
    expect(await debt.unnamed("record-1")).toEqual(["record-1"]);
    expect(await debt.unnamed("record-1", true)).toEqual([]);
    await debt.state.putDebt([{ id: "2", region, dekIds: [], recordIds: ["record-2"], at }]);
    debt.pass(30_000);
    expect(await debt.unnamed("record-2")).toEqual([]);
  });
});
