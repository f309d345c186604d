/** What reading many records, and keeping those that lost, guarantees on every endpoint. */

import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createRecordStore } from "../records/record-store.ts";
import type { RecordStore, StoredRecord } from "../records/record-types.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";
import { type CopiedRecords, copiedRecords, requireFound, same } from "./copied-records.ts";
import { severalParts } from "./record-store-contract.ts";
import { recordTable } from "./record-table.ts";

export function describeKeptRecords(setup: ContractSetup): void {
  describe("reading many records", () => {
    let subject: ContractSubject;
    let store: RecordStore;
    let atHome: CopiedRecords["atHome"];

    beforeAll(async () => {
      ({ subject, store, atHome } = await copiedRecords(setup));
    });

    it("gives heads and whole records of those that are there, and names what cannot be read", async () => {
      const records: StoredRecord[] = [];
      for (const size of [100, severalParts, 90_000, 100, severalParts]) records.push(await atHome({ size }));
      await store.putCopies(records.map((record) => ({ record, expected: "absent" as const })));
      const [sound, large, , bent, torn] = records;
      if (!sound || !large || !bent || !torn) throw new TypeError("there are five");
      await recordTable(subject).change(bent.recordId, "head", { size: { S: "x" } });
      await recordTable(subject).delete(torn.recordId, `part#${torn.sealId}#0002`);
      const ids = [...records.map(({ recordId }) => recordId), "unknown", sound.recordId];

      const { heads, malformed } = await store.getHeads(ids);
      expect(heads.size).toBe(4);
      for (const head of heads.values()) expect(head).toEqual(await store.getHead(head.recordId));
      expect(malformed).toMatchObject([{ recordId: bent.recordId, dekId: bent.dekId }]);

      const whole = await store.getMany(ids);
      expect(whole.size).toBe(5);
      expect(whole.get(bent.recordId)).toMatchObject({ code: "STORE_ITEM_MALFORMED" });
      expect(whole.get(torn.recordId)).toMatchObject({ code: "STORE_PART_MISSING" });
      for (const record of records.slice(0, 3)) {
        const one = whole.get(record.recordId);
        expect(one && "envelope" in one && same(one, record)).toBe(true);
      }
      expect(await store.getHeads([])).toEqual({ heads: new Map(), malformed: [] });
      expect(await store.getMany([])).toEqual(new Map());
    });

    it("throws what keeps it from reading at all, and the signal's reason", async () => {
      const nowhere = createRecordStore({ ...subject, tables: { records: `${subject.tables.records}-nowhere` } });
      await expect(nowhere.getHeads(["r"])).rejects.toMatchObject({ code: "STORE_TABLE_MISSING" });
      await expect(nowhere.getMany(["r"])).rejects.toMatchObject({ code: "STORE_TABLE_MISSING" });
      const reason = new Error("stopped");
      const options = { signal: AbortSignal.abort(reason) };
      await expect(store.getHeads(["r"], options)).rejects.toBe(reason);
      await expect(store.getMany(["r"], options)).rejects.toBe(reason);
    });
  });

  describe("records that lost", () => {
    let subject: ContractSubject;
    let store: RecordStore;
    let atHome: CopiedRecords["atHome"];
    let nextOf: CopiedRecords["nextOf"];

    beforeAll(async () => {
      ({ subject, store, atHome, nextOf } = await copiedRecords(setup));
    });

    describe.each([
      ["small", 100],
      ["several parts", severalParts],
    ])("(%s)", (_, size) => {
      it("one is kept beside the one that won, as it was, and stands in nobody's way", async () => {
        const loser = await atHome({ size, revision: 1 });
        const winner = await nextOf(loser);
        await store.putCopy(loser, "absent");
        await store.keepLost(loser);
        await store.keepLost(loser);
        expect(await store.putCopy(winner, { sealId: loser.sealId })).toBe("stored");
        // Whoever deletes parts that no head names does not take the loser's.
        for (const name of await recordTable(subject).items(loser.recordId)) {
          if (name?.startsWith(`part#${loser.sealId}`)) await recordTable(subject).delete(loser.recordId, name);
        }
        expect(same(requireFound(await store.getLost(loser.recordId, loser.sealId)), loser)).toBe(true);
        expect(same(requireFound(await store.get(loser.recordId)), winner)).toBe(true);
        expect(await store.getLost(loser.recordId, winner.sealId)).toBeUndefined();
        const { heads } = await store.scanHeads({ index: 0, of: 1 }, { pageSize: 10_000, consistent: true });
        expect(heads.filter(({ sealId }) => sealId === loser.sealId)).toEqual([]);
      });

      it("one is not kept where it is not what its digest says, nor read", async () => {
        const loser = await atHome({ size });
        const damaged = { ...loser, envelope: Buffer.from(loser.envelope).reverse() };
        await expect(store.keepLost(damaged)).rejects.toMatchObject({ code: "STORE_RECORD_DAMAGED" });
        expect(await recordTable(subject).items(loser.recordId)).toEqual([]);
        await store.keepLost(loser);
        await recordTable(subject).change(loser.recordId, `lost#${loser.sealId}`, { digest: { B: randomBytes(32) } });
        const reading = store.getLost(loser.recordId, loser.sealId);
        await expect(reading).rejects.toMatchObject({ code: "STORE_RECORD_DAMAGED" });
      });
    });
  });
}
