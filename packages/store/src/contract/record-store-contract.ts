/** What the store of records guarantees on every endpoint. */

import { beforeAll, describe, expect, it } from "vitest";
import { MAX_HEAD_BYTES, PART_BYTES } from "../records/record-items.ts";
import { createRecordStore } from "../records/record-store.ts";
import type { PutOutcome, RecordStore, RecordWrite } from "../records/record-types.ts";
import { sampleRecord } from "../testing/samples.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";
import { recordTable } from "./record-table.ts";

export const severalParts = 800_000;
const at = "2026-11-23T10:00:00.000Z";

export function describeRecordStore(setup: ContractSetup): void {
  describe("record store", () => {
    let subject: ContractSubject;
    let store: RecordStore;

    beforeAll(async () => {
      subject = await setup();
      store = createRecordStore({ ...subject, now: () => new Date(at) });
    });

    const put = async (...records: RecordWrite[]) => (await store.put(records)).map(short);
    const stored = async ({ recordId }: RecordWrite) => (await store.get(recordId))?.jobId;

    it.each([
      ["no plaintext", 0],
      ["a small envelope", 100],
      ["an envelope that just fits an item", MAX_HEAD_BYTES - 1_000],
      ["an envelope that just outgrows one", MAX_HEAD_BYTES],
      ["parts that are all full", 2 * PART_BYTES - 58],
      ["several parts", severalParts],
      ["more parts than one call writes", 4_300_000],
    ])("a record with %s comes back as it went in", async (_, size) => {
      const record = sampleRecord({ size });
      expect(await put(record)).toEqual(["stored"]);
      const found = await store.get(record.recordId);
      expect(found).toMatchObject({ ...record, envelope: expect.anything(), createdAt: at });
      expect(found?.envelope.equals(record.envelope)).toBe(true);
      expect(found).not.toHaveProperty("revision");
    });

    it("context keys, ids and content types of any well-formed text are kept", async () => {
      const context = Object.fromEntries([
        ["__proto__", "p"],
        ["constructor", ""],
        ["", "e"],
        ["\\", "b"],
        ["ключ 🔑", "值"],
      ]);
      const record = sampleRecord({
        recordId: `${"🔑".repeat(127)}#/`,
        context,
        contentType: "text/plain; ünï",
        revision: 0,
      });
      expect(await put(record)).toEqual(["stored"]);
      const found = await store.get(record.recordId);
      expect(found).toMatchObject({ recordId: record.recordId, contentType: record.contentType, revision: 0 });
      expect(new Map(Object.entries(found?.context ?? {}))).toEqual(new Map(Object.entries(context)));
    });

    it("a record that is not there is undefined", async () => {
      expect(await store.get("nothing")).toBeUndefined();
    });

    describe.each([
      ["small", 100],
      ["several parts", severalParts],
    ])("written once (%s)", (_, size) => {
      const next = (record: RecordWrite, changes: Partial<RecordWrite> = {}) =>
        sampleRecord({ recordId: record.recordId, size, ...changes });

      it("the same job again is a success without effect", async () => {
        const first = sampleRecord({ size });
        await put(first);
        expect(await put(next(first, { jobId: first.jobId }))).toEqual(["duplicate"]);
        expect((await store.get(first.recordId))?.sealId).toBe(first.sealId);
      });

      it("another job without a revision is rejected", async () => {
        const first = sampleRecord({ size, revision: 3 });
        await put(first);
        expect(await put(next(first))).toEqual(["STORE_RECORD_EXISTS"]);
        expect(await stored(first)).toBe(first.jobId);
      });

      it("a higher revision replaces, also a record that had none; a lower one is superseded, an equal one rejected", async () => {
        const first = sampleRecord({ size });
        const second = next(first, { revision: 0 });
        const third = next(first, { revision: 7, contentType: "text/plain", context: { other: "context" }, epoch: 2 });
        expect(await put(first)).toEqual(["stored"]);
        expect(await put(second)).toEqual(["replaced"]);
        expect(await put(third)).toEqual(["replaced"]);
        expect(await put(next(first, { revision: 6 }))).toEqual(["superseded"]);
        expect(await put(next(first, { revision: 7 }))).toEqual(["STORE_REVISION_CONFLICT"]);
        const found = await store.get(first.recordId);
        expect(found).toMatchObject({ ...third, envelope: expect.anything() });
        expect(found?.envelope.equals(third.envelope)).toBe(true);
      });

      it("one job run twice at once is stored once and can be read", async () => {
        const runs = Array.from({ length: 4 }, () => sampleRecord({ recordId: `twice-${size}`, jobId: "one", size }));
        const outcomes = await Promise.all(runs.map((run) => put(run)));
        expect(outcomes.flat().sort()).toEqual(["duplicate", "duplicate", "duplicate", "stored"]);
        const found = await store.get(`twice-${size}`);
        const winner = runs.find(({ sealId }) => sealId === found?.sealId);
        expect(winner && found?.envelope.equals(winner.envelope)).toBe(true);
      });

      it("two jobs for one record in one call: one is stored, the other meets it", async () => {
        const first = sampleRecord({ size });
        expect(await put(first, next(first), next(first, { jobId: first.jobId }))).toEqual([
          "stored",
          "STORE_RECORD_EXISTS",
          "duplicate",
        ]);
      });

      it("revisions in one call leave the highest one", async () => {
        const first = sampleRecord({ size, revision: 2 });
        const outcomes = await put(
          first,
          next(first, { revision: 9 }),
          next(first, { revision: 5 }),
          next(first, { revision: 9 }),
        );
        expect(outcomes).toEqual(["stored", "replaced", "superseded", "STORE_REVISION_CONFLICT"]);
        expect((await store.get(first.recordId))?.revision).toBe(9);
      });

      it("a record may shrink and grow", async () => {
        const first = sampleRecord({ size });
        const small = next(first, { size: 10, revision: 1 });
        const large = next(first, { size: severalParts, revision: 2 });
        for (const record of [first, small, large]) {
          await put(record);
          expect((await store.get(first.recordId))?.envelope.equals(record.envelope)).toBe(true);
        }
      });
    });

    it("a job that comes again writes no parts that nothing would name", async () => {
      const first = sampleRecord({ size: severalParts });
      await put(first);
      const before = await recordTable(subject).items(first.recordId);
      await put(sampleRecord({ ...first, sealId: sampleRecord().sealId }));
      await put(sampleRecord({ recordId: first.recordId, size: severalParts }));
      expect(await recordTable(subject).items(first.recordId)).toEqual(before);
      expect(before).toHaveLength(4);
    });

    it("revisions that race from many writers leave the highest one", async () => {
      const records = Array.from({ length: 20 }, (_, revision) =>
        sampleRecord({ recordId: "race", revision, size: revision % 10 === 0 ? severalParts : 50 }),
      );
      const outcomes = await Promise.all(shuffled(records).map((record) => put(record)));
      expect(outcomes.flat().filter((kind) => !["stored", "replaced", "superseded"].includes(kind))).toEqual([]);
      expect(outcomes.flat().filter((kind) => kind === "stored")).toHaveLength(1);
      const found = await store.get("race");
      expect(found?.revision).toBe(19);
      expect(found?.envelope.equals(records[19]?.envelope ?? Buffer.alloc(0))).toBe(true);
    });

    it("a writer whose answer was lost finds its own record and counts it as stored", async () => {
      const first = sampleRecord();
      const second = sampleRecord({ recordId: first.recordId, revision: 1 });
      for (const [record, kind] of [
        [first, "stored"],
        [second, "replaced"],
      ] as const) {
        let lost = 1;
        const writer = {
          ...subject.writer,
          write: async (...args: Parameters<typeof subject.writer.write>) => {
            const results = await subject.writer.write(...args);
            if (lost-- > 0) return subject.writer.write(...args);
            return results;
          },
        };
        const forgetful = createRecordStore({ ...subject, writer });
        // The head of the second is known only after the first try has met it.
        if (record === second) lost = 2;
        expect((await forgetful.put([record])).map(short)).toEqual([kind]);
      }
    });

    it("one bad record stops none of its neighbours", async () => {
      const good = [sampleRecord(), sampleRecord({ size: severalParts }), sampleRecord()];
      const unreadable = sampleRecord();
      await recordTable(subject).put(unreadable.recordId, "head", { jobId: { N: "1" } });
      const bad: [Partial<RecordWrite>, string][] = [
        [{ recordId: "" }, "STORE_VALUE_INVALID"],
        [{ recordId: "r".repeat(513) }, "STORE_VALUE_INVALID"],
        [{ recordId: "🔑".repeat(129) }, "STORE_VALUE_INVALID"],
        [{ recordId: "\udc00" }, "STORE_VALUE_INVALID"],
        [{ sealId: "NOT HEX" }, "STORE_VALUE_INVALID"],
        [{ revision: -1 }, "STORE_VALUE_INVALID"],
        [{ revision: 2 ** 53 }, "STORE_VALUE_INVALID"],
        [{ epoch: 0.5 }, "STORE_VALUE_INVALID"],
        [{ context: { key: "\ud800" } }, "STORE_VALUE_INVALID"],
        [{ size: 5, envelope: Buffer.alloc(5) }, "STORE_VALUE_INVALID"],
        [{ context: { key: "c".repeat(400_000) } }, "STORE_ITEM_TOO_LARGE"],
      ];
      const outcomes = await put(
        ...good.slice(0, 2),
        ...bad.map(([change]) => sampleRecord(change)),
        sampleRecord({ recordId: unreadable.recordId }),
        ...good.slice(2),
      );
      expect(outcomes).toEqual([
        "stored",
        "stored",
        ...bad.map(([, code]) => code),
        "failed STORE_ITEM_MALFORMED",
        "stored",
      ]);
    });

    it("a call of hundreds of records answers each in its place", async () => {
      const sealed = () =>
        Array.from({ length: 110 }, (_, index) => sampleRecord({ recordId: `bulk-${index}`, jobId: `job-${index}` }));
      await put(...sealed().filter((_, index) => index % 5 === 0));
      const records = sealed();
      expect(await put(...records)).toEqual(records.map((_, index) => (index % 5 === 0 ? "duplicate" : "stored")));
    });

    it("an aborted put fails every record with STORE_CANCELLED, an aborted get throws the reason", async () => {
      const reason = new Error("stopped");
      const signal = AbortSignal.abort(reason);
      const outcomes = await store.put([sampleRecord(), sampleRecord({ size: severalParts })], { signal });
      expect(outcomes.map(short)).toEqual(["failed STORE_CANCELLED", "failed STORE_CANCELLED"]);
      await expect(store.get("any", { signal })).rejects.toBe(reason);
    });

    it("a missing table fails every record, retryably", async () => {
      const elsewhere = createRecordStore({ ...subject, tables: { records: `${subject.tables.records}-nowhere` } });
      const outcomes = await elsewhere.put([sampleRecord(), sampleRecord({ size: severalParts })]);
      for (const outcome of outcomes) {
        expect(outcome).toMatchObject({ kind: "failed", error: { code: "STORE_TABLE_MISSING", retryable: true } });
      }
    });

    it("an id that no record can have is refused", async () => {
      await expect(store.get("")).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
      await expect(store.get("r".repeat(513))).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
    });
  });
}

/** An outcome in a word: its kind, or its code. */
function short(outcome: PutOutcome): string {
  if (outcome.kind === "rejected") return outcome.code;
  return outcome.kind === "failed" ? `failed ${outcome.error.code}` : outcome.kind;
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
