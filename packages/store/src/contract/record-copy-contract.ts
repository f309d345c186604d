/** What copies of records guarantee on every endpoint. */

import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { MAX_HEAD_BYTES } from "../records/record-items.ts";
import { createRecordStore } from "../records/record-store.ts";
import type { RecordStore, RecordWrite, StoredRecord } from "../records/record-types.ts";
import { sampleRecord } from "../testing/samples.ts";
import type { ConditionalWriter } from "../writer/conditional-write.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";
import { type CopiedRecords, copiedRecords, requireFound, same } from "./copied-records.ts";
import { severalParts } from "./record-store-contract.ts";
import { recordTable } from "./record-table.ts";

export function describeRecordCopies(setup: ContractSetup): void {
  describe("copies of records", () => {
    let subject: ContractSubject;
    let store: RecordStore;
    let atHome: CopiedRecords["atHome"];
    let nextOf: CopiedRecords["nextOf"];

    beforeAll(async () => {
      ({ subject, store, atHome, nextOf } = await copiedRecords(setup));
    });

    const found = ({ recordId }: StoredRecord) => store.get(recordId);

    describe.each([
      ["small", 100],
      ["of a head that is as large as it may be", MAX_HEAD_BYTES - 1_000],
      ["of an envelope that just outgrows the head", MAX_HEAD_BYTES],
      ["several parts", severalParts],
    ])("(%s)", (_, size) => {
      it("one arrives with all that its head says, and again is the same", async () => {
        const awkward = Object.fromEntries([
          ["__proto__", "p"],
          ["", "e"],
          ["ключ 🔑", "\\"],
        ]);
        const record = await atHome({ size, revision: 3, epoch: 7, contentType: "text/plain; ü", context: awkward });
        expect(await store.putCopy(record, "absent")).toBe("stored");
        const arrived = requireFound(await found(record));
        expect(same(arrived, record)).toBe(true);
        expect(arrived).toMatchObject({ jobId: record.jobId, epoch: 7, revision: 3, createdAt: record.createdAt });
        expect(await store.putCopy(record, "absent")).toBe("same");
        expect(await store.putCopy(record, { sealId: record.sealId })).toBe("same");
        expect(await store.putCopy(record, { sealId: "ab".repeat(24) })).toBe("same");
      });

      it("one takes the place of the sealing that was read, and shares no part with it", async () => {
        const first = await atHome({ size, revision: 1 });
        const second = await nextOf(first);
        await store.putCopy(first, "absent");
        const before = await recordTable(subject).items(first.recordId);
        expect(await store.putCopy(second, { sealId: first.sealId })).toBe("stored");
        expect(same(requireFound(await found(first)), second)).toBe(true);
        const after = await recordTable(subject).items(first.recordId);
        expect(after).toEqual(expect.arrayContaining([...before]));
        const added = after.filter((name) => !before.includes(name));
        expect(added.every((name) => name?.startsWith(`part#${second.sealId}#`))).toBe(true);
        expect(added).toHaveLength(before.length - 1);
      });

      it("a late one never puts an older record back, nor a part of it in the way", async () => {
        const old = await atHome({ size, revision: 1 });
        const next = await nextOf(old);
        expect(await store.putCopy(next, "absent")).toBe("stored");
        const names = await recordTable(subject).items(old.recordId);
        for (const expected of ["absent", "unreadable", { sealId: old.sealId }, { sealId: "ab".repeat(24) }] as const) {
          expect(await store.putCopy(old, expected)).toBe("conflict");
        }
        expect(same(requireFound(await found(old)), next)).toBe(true);
        const left = (await recordTable(subject).items(old.recordId)).filter((name) => !names.includes(name));
        expect(left).toEqual([]);
      });

      it("a damaged one is repaired: an envelope, a digest, and a head that cannot be read", async () => {
        const record = await atHome({ size, revision: 2 });
        const table = recordTable(subject);
        await store.putCopy(record, "absent");
        const { parts } = (await store.getHeads([record.recordId])).heads.get(record.recordId) ?? { parts: 0 };
        const damages = [
          () => flipBit(record, parts),
          () => table.change(record.recordId, "head", { digest: { B: randomBytes(32) } }),
          () => table.change(record.recordId, "head", { dekId: { S: "another" }, revision: undefined }),
          () => (parts > 0 ? table.delete(record.recordId, `part#${record.sealId}#0001`) : flipBit(record, 0)),
        ];
        for (const damage of damages) {
          await damage();
          expect(await store.putCopy(record, { sealId: record.sealId })).toBe("stored");
          expect(same(requireFound(await found(record)), record)).toBe(true);
        }
        await table.change(record.recordId, "head", { size: { S: "x" }, revision: { N: "-4" }, jobId: undefined });
        expect(await store.putCopy(record, "absent")).toBe("conflict");
        expect(await store.putCopy(record, "unreadable")).toBe("stored");
        expect(same(requireFound(await found(record)), record)).toBe(true);
        expect(await store.putCopy(record, "unreadable")).toBe("same");
      });

      it("one whose record was deleted meanwhile is a conflict, and makes none", async () => {
        const record = await atHome({ size });
        expect(await store.putCopy(record, { sealId: record.sealId })).toBe("conflict");
        expect(await store.putCopy(record, { sealId: "ab".repeat(24) })).toBe("conflict");
        expect(await store.putCopy(record, "unreadable")).toBe("conflict");
        expect(await recordTable(subject).items(record.recordId)).toEqual([]);
      });
    });

    const flipBit = async ({ recordId, sealId }: StoredRecord, parts: number) => {
      const [item, attribute] = parts > 0 ? [`part#${sealId}#0002`, "bytes"] : ["head", "envelope"];
      const name = parts === 1 ? `part#${sealId}#0001` : item;
      const bytes = Buffer.from((await recordTable(subject).get(recordId, name))[attribute]?.B ?? []);
      bytes.writeUInt8(bytes.readUInt8(70) ^ 1, 70);
      await recordTable(subject).change(recordId, name, { [attribute]: { B: bytes } });
    };

    it("one with parts takes the place of one without, and the other way round", async () => {
      const small = await atHome({ revision: 1 });
      await store.putCopy(small, "absent");
      const large = await atHome({ recordId: small.recordId, size: severalParts, revision: 2 });
      expect(await store.putCopy(large, { sealId: small.sealId })).toBe("stored");
      expect(same(requireFound(await found(small)), large)).toBe(true);
      const again = await atHome({ recordId: small.recordId, revision: 3 });
      expect(await store.putCopy(again, { sealId: large.sealId })).toBe("stored");
      expect(same(requireFound(await found(small)), again)).toBe(true);
    });

    it("one without a revision takes none from the record whose place it takes", async () => {
      const record = await atHome();
      const earlier = { ...record, sealId: "ab".repeat(24), revision: 4 };
      await store.putCopy(earlier, "absent");
      expect(await store.putCopy(record, { sealId: earlier.sealId })).toBe("stored");
      expect(await found(record)).not.toHaveProperty("revision");
    });

    it("writes no head before its parts are durable", async () => {
      const record = await atHome({ size: severalParts });
      const seen: (readonly (string | undefined)[])[] = [];
      const writer: ConditionalWriter = {
        ...subject.writer,
        async write(writes, options) {
          seen.push(await recordTable(subject).items(record.recordId));
          return subject.writer.write(writes, options);
        },
      };
      await createRecordStore({ ...subject, writer }).putCopy(record, "absent");
      expect(seen).toEqual([[1, 2, 3].map((number) => `part#${record.sealId}#000${number}`)]);
    });

    it("of many at once that read the same, one stores, and the record is whole", async () => {
      const first = await atHome({ size: severalParts, revision: 1 });
      await store.putCopy(first, "absent");
      const nexts: StoredRecord[] = [];
      for (let revision = 2; revision < 6; revision += 1)
        nexts.push(await atHome({ recordId: first.recordId, size: first.size, revision }));
      const outcomes = await Promise.all(nexts.map((next) => store.putCopy(next, { sealId: first.sealId })));
      expect(outcomes.toSorted()).toEqual(["conflict", "conflict", "conflict", "stored"]);
      const winner = requireFound(nexts[outcomes.indexOf("stored")]);
      expect(same(requireFound(await found(first)), winner)).toBe(true);
    });

    it("a record is a job's as it is at home: the same job again is without effect there, too", async () => {
      const record = await atHome({ revision: 1 });
      await store.putCopy(record, "absent");
      const { recordId, jobId } = record;
      const put = async (changes: Partial<RecordWrite>) =>
        (await store.put([sampleRecord({ recordId, ...changes })]))[0];
      expect(await put({ jobId, revision: 1 })).toEqual({ kind: "duplicate" });
      expect(await put({ revision: 0 })).toEqual({ kind: "superseded" });
      expect(await put({ revision: 2 })).toEqual({ kind: "replaced" });
    });

    it("many are answered one by one, in their order, large and small; one that cannot be stored stops no other", async () => {
      const records: StoredRecord[] = [];
      for (const size of [100, severalParts, 100, 90_000, severalParts]) records.push(await atHome({ size }));
      const [there, , moved, , torn] = records;
      if (!there || !moved || !torn) throw new TypeError("there are five");
      await store.putCopy(there, "absent");
      await store.putCopy({ ...moved, sealId: "ab".repeat(24) }, "absent");
      const damaged = { ...torn, envelope: Buffer.from(torn.envelope).reverse() };
      const outcomes = await store.putCopies([
        ...[...records.slice(0, 4), damaged].map((record) => ({ record, expected: "absent" as const })),
        { record: { ...there, recordId: "" }, expected: "absent" },
      ]);
      expect(outcomes.map(({ kind }) => kind)).toEqual(["same", "stored", "conflict", "stored", "failed", "failed"]);
      expect(outcomes.slice(4)).toMatchObject([
        { error: { code: "STORE_RECORD_DAMAGED", retryable: false } },
        { error: { code: "STORE_VALUE_INVALID" } },
      ]);
      expect(await store.putCopies([])).toEqual([]);
    });

    it("a failure is told, never an outcome; a call that is aborted throws the signal's reason", async () => {
      const nowhere = createRecordStore({ ...subject, tables: { records: `${subject.tables.records}-nowhere` } });
      const reason = new Error("stopped");
      const options = { signal: AbortSignal.abort(reason) };
      for (const size of [100, severalParts]) {
        const record = await atHome({ size });
        for (const expected of ["absent", "unreadable", { sealId: record.sealId }] as const) {
          const missing = { code: "STORE_TABLE_MISSING", retryable: true };
          await expect(nowhere.putCopy(record, expected)).rejects.toMatchObject(missing);
          await expect(store.putCopy(record, expected, options)).rejects.toBe(reason);
        }
        const cancelled = await store.putCopies([{ record, expected: "absent" }], options);
        expect(cancelled).toMatchObject([{ kind: "failed", error: { code: "STORE_CANCELLED" } }]);
        expect(await found(record)).toBeUndefined();
      }
    });
  });
}
