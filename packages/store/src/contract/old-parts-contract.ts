/** What finding and deleting parts that no head names guarantees on every endpoint. */

import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { StoredPart } from "../records/old-part-types.ts";
import { createRecordStore } from "../records/record-store.ts";
import type { RecordStore, StoredRecord } from "../records/record-types.ts";
import { sampleRecord } from "../testing/samples.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";
import { severalParts } from "./record-store-contract.ts";
import { recordTable } from "./record-table.ts";

const first = "2026-11-23T10:00:00.000Z";
const later = "2026-11-24T10:00:00.000Z";

export function describeOldParts(setup: ContractSetup): void {
  describe("parts of envelopes", () => {
    let subject: ContractSubject;
    let store: RecordStore;

    beforeAll(async () => {
      subject = await setup();
      store = createRecordStore(subject);
    });

    /** A record of three parts, sealed again once: the parts of before stay behind. */
    const sealedTwice = async () => {
      const record = sampleRecord({ size: severalParts });
      await store.put([record]);
      const before = requireFound(await store.get(record.recordId));
      const sealId = randomBytes(24).toString("hex");
      const envelope = randomBytes(before.envelope.length);
      await store.reseal(before, { dekId: randomUUID(), sealId, envelope });
      return before;
    };
    const partsOf = async (recordId: string) =>
      (await allParts(store)).filter((part) => part.recordId === recordId).sort((a, b) => a.number - b.number);
    const oldPartsOf = async ({ recordId, sealId }: StoredRecord) =>
      (await partsOf(recordId)).filter((part) => part.sealId === sealId);

    it("are found with record, sealing and number, and heads and lost records are not among them", async () => {
      const record = await sealedTwice();
      await store.put([sampleRecord()]);
      await store.keepLost(record);
      const now = requireFound(await store.get(record.recordId));
      expect(await oldPartsOf(record)).toEqual(
        [1, 2, 3].map((number) => ({ recordId: record.recordId, sealId: record.sealId, number })),
      );
      expect((await oldPartsOf(now)).map(({ number }) => number)).toEqual([1, 2, 3]);
      expect(await partsOf(record.recordId)).toHaveLength(6);
    });

    it("keep their first mark, and read as before", async () => {
      const record = await sealedTwice();
      await store.markParts(await oldPartsOf(record), first);
      await store.markParts(await oldPartsOf(record), later);
      expect((await oldPartsOf(record)).map(({ orphanedAt }) => orphanedAt)).toEqual([first, first, first]);
      const now = requireFound(await store.get(record.recordId));
      await store.markParts(await oldPartsOf(now), first);
      expect((await store.get(record.recordId))?.digest).toBe(now.digest);
    });

    it("are deleted by the mark that was read, and those of the record stay", async () => {
      const record = await sealedTwice();
      await store.markParts(await oldPartsOf(record), first);
      expect(await store.deleteParts(await oldPartsOf(record))).toBe(3);
      expect(await oldPartsOf(record)).toEqual([]);
      expect(await store.get(record.recordId)).toBeDefined();
    });

    it("stay where a copy has written them again since", async () => {
      const record = await sealedTwice();
      await store.markParts(await oldPartsOf(record), first);
      const marked = await oldPartsOf(record);
      const now = requireFound(await store.get(record.recordId));
      await store.putCopy(record, { sealId: now.sealId });
      expect(await store.deleteParts(marked)).toBe(0);
      expect((await store.get(record.recordId))?.sealId).toBe(record.sealId);
    });

    it("without a mark are not deleted, and what is gone gets none", async () => {
      const record = await sealedTwice();
      const parts = await oldPartsOf(record);
      await expect(store.deleteParts(parts)).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
      await recordTable(subject).delete(record.recordId, `part#${record.sealId}#0001`);
      await store.markParts(parts, first);
      expect((await oldPartsOf(record)).map(({ number }) => number)).toEqual([2, 3]);
    });
  });
}

async function allParts(store: RecordStore): Promise<StoredPart[]> {
  const parts: StoredPart[] = [];
  let cursor: string | undefined;
  do {
    const at = cursor === undefined ? {} : { cursor };
    const page = await store.scanParts({ index: 0, of: 1 }, { pageSize: 7, consistent: true, ...at });
    parts.push(...page.parts);
    ({ cursor } = page);
  } while (cursor !== undefined);
  return parts;
}

function requireFound(record: StoredRecord | undefined): StoredRecord {
  if (!record) throw new TypeError("the record was stored");
  return record;
}
