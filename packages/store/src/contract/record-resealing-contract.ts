/** What sealing a stored record again guarantees on every endpoint. */

import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createRecordStore } from "../records/record-store.ts";
import type { RecordStore, RecordWrite, Resealing, StoredRecord } from "../records/record-types.ts";
import { sampleRecord } from "../testing/samples.ts";
import type { ConditionalWriter } from "../writer/conditional-write.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";
import { severalParts } from "./record-store-contract.ts";
import { recordTable } from "./record-table.ts";

export function describeRecordResealing(setup: ContractSetup): void {
  describe("sealing a record again", () => {
    let subject: ContractSubject;
    let store: RecordStore;

    beforeAll(async () => {
      subject = await setup();
      store = createRecordStore({ ...subject, now: () => new Date("2026-11-23T10:00:00.000Z") });
    });

    const stored = async (overrides: Partial<RecordWrite> = {}) => {
      const record = sampleRecord(overrides);
      await store.put([record]);
      return requireFound(await store.get(record.recordId));
    };

    describe.each([
      ["small", 100],
      ["several parts", severalParts],
    ])("(%s)", (_, size) => {
      it("changes DEK, seal id and envelope, and nothing else", async () => {
        const record = await stored({ size, revision: 3, epoch: 2, contentType: "text/plain" });
        const next = resealing(record);
        const later = createRecordStore({ ...subject, now: () => new Date("2026-12-01T10:00:00.000Z") });
        expect(await later.reseal(record, next)).toBe("replaced");
        const found = requireFound(await store.get(record.recordId));
        expect(found).toEqual({ ...record, ...next, digest: found.digest });
        expect(found.digest).not.toBe(record.digest);
      });

      it("again, since its answer was lost, is replaced; of another one it is a conflict without effect", async () => {
        const record = await stored({ size });
        const next = resealing(record);
        expect(await store.reseal(record, next)).toBe("replaced");
        expect(await store.reseal(record, next)).toBe("replaced");
        expect(await store.reseal(record, resealing(record))).toBe("conflict");
        expect((await store.get(record.recordId))?.sealId).toBe(next.sealId);
      });

      it("loses against a revision that arrived since it was read, whose envelope stays whole", async () => {
        const record = await stored({ size, revision: 1 });
        const newer = sampleRecord({ recordId: record.recordId, size, revision: 2 });
        await store.put([newer]);
        expect(await store.reseal(record, resealing(record))).toBe("conflict");
        const found = await store.get(record.recordId);
        expect(found?.revision).toBe(2);
        expect(found?.envelope.equals(newer.envelope)).toBe(true);
      });

      it("changes nothing for the jobs that come after it", async () => {
        const record = await stored({ size, revision: 1 });
        await store.reseal(record, resealing(record));
        const { recordId, jobId } = record;
        const put = async (changes: Partial<RecordWrite>) =>
          (await store.put([sampleRecord({ recordId, size, ...changes })]))[0];
        expect(await put({ jobId, revision: 1 })).toEqual({ kind: "duplicate" });
        expect(await put({})).toMatchObject({ kind: "rejected", code: "STORE_RECORD_EXISTS" });
        expect(await put({ revision: 0 })).toEqual({ kind: "superseded" });
        expect(await put({ revision: 2 })).toEqual({ kind: "replaced" });
      });

      it("of a record that is gone makes none", async () => {
        const record = await stored({ size });
        await recordTable(subject).delete(record.recordId, "head");
        expect(await store.reseal(record, resealing(record))).toBe("gone");
        expect(await store.get(record.recordId)).toBeUndefined();
      });
    });

    it("leaves the old parts to who still reads them", async () => {
      const record = await stored({ size: severalParts });
      const before = await recordTable(subject).items(record.recordId);
      await store.reseal(record, resealing(record));
      expect(await recordTable(subject).items(record.recordId)).toEqual(expect.arrayContaining([...before]));
    });

    it("writes no head before its parts are durable", async () => {
      const record = await stored({ size: severalParts });
      const seen: (readonly (string | undefined)[])[] = [];
      const next = resealing(record);
      const writer: ConditionalWriter = {
        ...subject.writer,
        async write(writes, options) {
          seen.push(await recordTable(subject).items(record.recordId));
          return subject.writer.write(writes, options);
        },
      };
      await createRecordStore({ ...subject, writer }).reseal(record, next);
      const parts = seen.map((names) => names.filter((name) => name?.includes(next.sealId)).length);
      expect(parts).toEqual([3]);
    });

    it("of one record by many at once is done once, and a revision that races with them stays", async () => {
      const record = await stored({ revision: 1 });
      const outcomes = await Promise.all(Array.from({ length: 6 }, () => store.reseal(record, resealing(record))));
      expect(outcomes.filter((kind) => kind === "replaced")).toHaveLength(1);
      const now = requireFound(await store.get(record.recordId));
      const [put] = await Promise.all([
        store.put([sampleRecord({ recordId: record.recordId, revision: 2 })]),
        store.reseal(now, resealing(now)),
        store.reseal(now, resealing(now)),
      ]);
      expect(put).toEqual([{ kind: "replaced" }]);
      expect((await store.get(record.recordId))?.revision).toBe(2);
    });

    it("is refused where the envelope is not one of that record's size, and for an aborted signal", async () => {
      const record = await stored();
      const short = { ...resealing(record), envelope: randomBytes(70) };
      await expect(store.reseal(record, short)).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
      const reason = new Error("stopped");
      const signal = AbortSignal.abort(reason);
      await expect(store.reseal(record, resealing(record), { signal })).rejects.toBe(reason);
      expect((await store.get(record.recordId))?.sealId).toBe(record.sealId);
    });
  });
}

function resealing({ envelope }: StoredRecord): Resealing {
  return { dekId: randomUUID(), sealId: randomBytes(24).toString("hex"), envelope: randomBytes(envelope.length) };
}

function requireFound(record: StoredRecord | undefined): StoredRecord {
  if (!record) throw new TypeError("the record was stored");
  return record;
}
