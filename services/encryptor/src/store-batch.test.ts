import { type DebtItem, type PutOutcome, type RecordWrite, StoreError } from "@dekhand/store";
import { describe, expect, it } from "vitest";
import { type RecordToStore, storeBatch } from "./store-batch.ts";

const record = (recordId: string): RecordWrite => ({
  recordId,
  jobId: `job-${recordId}`,
  dekId: `dek-${recordId}`,
  context: {},
  contentType: "text/plain",
  epoch: 1,
  sealId: `seal-${recordId}`,
  envelope: Buffer.from("sealed"),
  size: 6,
});

const toStore = (recordId: string, ...replicas: readonly string[]): RecordToStore => ({
  record: record(recordId),
  replicas,
});

/** Stores that answer so, and what they and the announcer were handed, in order. */
function storesWith(outcomes: readonly PutOutcome[], failure?: Error) {
  const events: { readonly what: "put" | "debt" | "announced"; readonly debt?: readonly DebtItem[] }[] = [];
  return {
    events,
    deps: {
      records: {
        async put() {
          events.push({ what: "put" });
          return outcomes;
        },
      },
      state: {
        async putDebt(debt: readonly DebtItem[]) {
          events.push({ what: "debt", debt });
          if (failure) throw failure;
        },
      },
      announce: (debt: readonly DebtItem[]) => void events.push({ what: "announced", debt }),
    },
  };
}

const stored: PutOutcome = { kind: "stored" };
const owed = (events: ReturnType<typeof storesWith>["events"]) =>
  Object.fromEntries((events.find(({ what }) => what === "debt")?.debt ?? []).map((item) => [item.region, item]));

describe("a batch of records", () => {
  it("is owed to each replica Region of its profiles by one item, in one write, before it is told of or answered", async () => {
    const { deps, events } = storesWith([stored, { kind: "replaced" }, stored]);
    const batch = [toStore("a", "eu-west-1", "ap-southeast-2"), toStore("b", "eu-west-1"), toStore("c")];
    expect(await storeBatch(batch, deps, {})).toEqual([stored, { kind: "replaced" }, stored]);
    expect(events.map(({ what }) => what)).toEqual(["put", "debt", "announced"]);
    expect(owed(events)).toMatchObject({
      "eu-west-1": { recordIds: ["a", "b"], dekIds: ["dek-a", "dek-b"] },
      "ap-southeast-2": { recordIds: ["a"], dekIds: ["dek-a"] },
    });
  });

  it("costs no call where nothing of it is owed to anybody", async () => {
    const outcomes: PutOutcome[] = [stored, { kind: "superseded" }, { kind: "rejected", code: "STORE_RECORD_EXISTS" }];
    const { deps, events } = storesWith(outcomes);
    const batch = [toStore("a"), toStore("b", "eu-west-1"), toStore("c", "eu-west-1")];
    expect(await storeBatch(batch, deps, {})).toEqual(outcomes);
    expect(events.map(({ what }) => what)).toEqual(["put"]);
  });

  it("owes its duplicates too, under the DEK that their heads tell and not under the new one", async () => {
    const { deps, events } = storesWith([{ kind: "duplicate" }]);
    await storeBatch([toStore("a", "eu-west-1")], deps, {});
    expect(owed(events)).toMatchObject({ "eu-west-1": { recordIds: ["a"], dekIds: [] } });
  });

  it.each([
    ["is away", new StoreError("STORE_UNAVAILABLE", "away", { retryable: true })],
    ["refuses", new StoreError("STORE_REQUEST_INVALID", "refused")],
    ["gives up", new Error("aborted")],
  ])(
    "is not done with where the state table %s: what is owed is tried again, the rest is answered",
    async (_, failure) => {
      const { deps, events } = storesWith([stored, stored, { kind: "rejected", code: "STORE_RECORD_EXISTS" }], failure);
      const batch = [toStore("a", "eu-west-1"), toStore("b"), toStore("c", "eu-west-1")];
      expect(await storeBatch(batch, deps, {})).toEqual([
        { kind: "failed", error: expect.objectContaining({ retryable: true }) },
        stored,
        { kind: "rejected", code: "STORE_RECORD_EXISTS" },
      ]);
      expect(events.map(({ what }) => what)).toEqual(["put", "debt"]);
    },
  );
});
