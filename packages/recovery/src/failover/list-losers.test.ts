import { type Loser, type StateStore, StoreError } from "@dekhand/store";
import { describe, expect, it } from "vitest";
import { listLosers } from "./list-losers.ts";

const region = "eu-west-1";

/** A Region with so many losers, one a page; each page takes so long, and after `answers` pages it does not answer. */
function listing(count: number, answers = count): Pick<StateStore, "listLosers"> {
  return {
    async listLosers({ cursor = "0", signal } = {}) {
      const page = Number(cursor);
      if (page >= answers) throw new StoreError("STORE_UNAVAILABLE", "it does not answer", { retryable: true });
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(resolve, 20);
        signal?.addEventListener("abort", () => {
          clearTimeout(timer);
          reject(signal.reason);
        });
      });
      const next = page + 1 < count ? { cursor: String(page + 1) } : {};
      return { entries: [loser(page)], malformed: [], ...next };
    },
  };
}

function loser(index: number): Loser {
  const at = "2026-11-23T10:00:00.000Z";
  return { recordId: `record-${index}`, region, epoch: 1, sealId: `seal-${index}`, dekId: "dek", at };
}

describe("records that lost", () => {
  it("are all listed, however many there are: each page has its own time to answer", async () => {
    const told = await listLosers([region], () => listing(30), { deadlineMs: 300 });
    expect(told).toMatchObject({ silent: [] });
    expect(told.losers).toHaveLength(30);
  });

  it("are listed as far as a Region answers, which is told as silent then", async () => {
    const told = await listLosers([region], () => listing(5, 2));
    expect(told).toMatchObject({ silent: [{ region, code: "STORE_UNAVAILABLE" }] });
    expect(told.losers).toHaveLength(2);
  });
});
