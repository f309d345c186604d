/** What reading the heads of records guarantees on every endpoint. */

import { beforeAll, describe, expect, it } from "vitest";
import { createRecordStore } from "../records/record-store.ts";
import type { HeadScanOptions, MalformedHead, RecordHead, RecordStore, RecordWrite } from "../records/record-types.ts";
import { sampleRecord } from "../testing/samples.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";
import { severalParts } from "./record-store-contract.ts";
import { recordTable } from "./record-table.ts";

export function describeHeadScan(setup: ContractSetup): void {
  describe("heads of records", () => {
    let subject: ContractSubject;
    let store: RecordStore;
    let records: readonly RecordWrite[];

    beforeAll(async () => {
      subject = await setup();
      store = createRecordStore(subject);
      const small = Array.from({ length: 20 }, (_, revision) => sampleRecord({ revision }));
      records = [...small, sampleRecord({ size: 90_000 }), sampleRecord({ size: severalParts })];
      await store.put(records);
    });

    const ids = () => records.map(({ recordId }) => recordId).sort();

    it("say all of a record but its envelope, and in how many parts that is", async () => {
      for (const { recordId } of records) {
        const { envelope, ...labels } = (await store.get(recordId)) ?? sampleRecord();
        expect(await store.getHead(recordId)).toEqual({ ...labels, parts: envelope.length > severalParts ? 3 : 0 });
      }
      expect(await store.getHead("nothing")).toBeUndefined();
    });

    it.each([
      [1, 1],
      [7, 1],
      [10_000, 1],
      [2, 5],
    ])("in pages of at most %i items and %i segments give every record once, as getHead does", async (pageSize, of) => {
      const { heads, malformed } = await scanAll(store, of, { pageSize, consistent: true });
      expect(heads.map(({ recordId }) => recordId).sort()).toEqual(ids());
      expect(malformed).toEqual([]);
      for (const head of heads.slice(-3)) expect(await store.getHead(head.recordId)).toEqual(head);
    });

    it("come again from a cursor as they came first", async () => {
      const first = await store.scanHeads({ index: 0, of: 1 }, { pageSize: 6 });
      const kept: { readonly cursor: string } = JSON.parse(JSON.stringify({ cursor: first.cursor }));
      const second = await store.scanHeads({ index: 0, of: 1 }, { pageSize: 6, cursor: kept.cursor });
      expect(await store.scanHeads({ index: 0, of: 1 }, { pageSize: 6, cursor: kept.cursor })).toEqual(second);
      const both = [...first.heads, ...second.heads].map(({ recordId }) => recordId);
      expect(new Set(both).size).toBe(both.length);
    });

    it("that cannot be read are named with a reason, and with their DEK where that can be read", async () => {
      const fresh = await setup();
      const other = createRecordStore(fresh);
      const [sound, damaged, senseless] = [sampleRecord(), sampleRecord(), sampleRecord()];
      await other.put([sound, damaged, senseless]);
      const table = recordTable(fresh);
      await table.change(damaged.recordId, "head", { digest: { S: "canary" } });
      await table.change(senseless.recordId, "head", { dekId: { N: "7" } });
      const { heads, malformed } = await scanAll(other, 2, { pageSize: 2 });
      expect(heads.map(({ recordId }) => recordId)).toEqual([sound.recordId]);
      const byId = Object.fromEntries(malformed.map((one) => [one.recordId, one]));
      expect(byId[damaged.recordId]).toMatchObject({ dekId: damaged.dekId, reason: expect.stringContaining("digest") });
      expect(byId[senseless.recordId]).not.toHaveProperty("dekId");
      expect(JSON.stringify(malformed)).not.toContain("canary");
      await expect(other.getHead(damaged.recordId)).rejects.toMatchObject({ code: "STORE_ITEM_MALFORMED" });
    });

    it("are refused for a segment, page size or cursor that there is not, and for an aborted signal", async () => {
      const invalid = { code: "STORE_VALUE_INVALID" };
      await expect(store.scanHeads({ index: 2, of: 2 })).rejects.toMatchObject(invalid);
      await expect(store.scanHeads({ index: 0, of: 1 }, { pageSize: 0 })).rejects.toMatchObject(invalid);
      await expect(store.scanHeads({ index: 0, of: 1 }, { cursor: "nowhere" })).rejects.toMatchObject(invalid);
      const reason = new Error("stopped");
      const signal = AbortSignal.abort(reason);
      await expect(store.scanHeads({ index: 0, of: 1 }, { signal })).rejects.toBe(reason);
      await expect(store.getHead("any", { signal })).rejects.toBe(reason);
    });
  });
}

async function scanAll(store: RecordStore, of: number, options: HeadScanOptions) {
  const heads: RecordHead[] = [];
  const malformed: MalformedHead[] = [];
  for (let index = 0; index < of; index += 1) {
    let cursor: string | undefined;
    do {
      const page = await store.scanHeads({ index, of }, { ...options, ...(cursor === undefined ? {} : { cursor }) });
      heads.push(...page.heads);
      malformed.push(...page.malformed);
      ({ cursor } = page);
    } while (cursor !== undefined);
  }
  return { heads, malformed };
}
