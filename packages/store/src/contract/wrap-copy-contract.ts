/** What copies of wraps, and of many DEKs and wraps at once, guarantee on every endpoint. */

import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createDekStore } from "../deks/dek-store.ts";
import type { DekStore } from "../deks/dek-types.ts";
import type { ContractSetup } from "./contract-subject.ts";
import { type CopyBench, copyBench, copyRegion, copyTimes, storedDek, storedWrap } from "./copied-deks.ts";

export function describeWrapCopies(setup: ContractSetup): void {
  describe("copies of wraps", () => {
    let bench: CopyBench;
    let store: DekStore;

    beforeAll(async () => {
      bench = await copyBench(setup);
      store = bench.store;
    });

    it("one comes with all its labels, its campaign's too, and again is the same", async () => {
      const wrap = storedWrap(storedDek(), { campaign: "c-1" });
      expect(await store.putWrapCopy(wrap.dekId, wrap, "absent")).toBe("stored");
      expect(await bench.wrapAt(wrap)).toEqual(wrap);
      expect(await store.putWrapCopy(wrap.dekId, wrap, "absent")).toBe("same");
      expect(await store.putWrapCopy(wrap.dekId, wrap, { blob: wrap.blob })).toBe("same");
    });

    it("takes the place of the one that was read, and keeps none of its labels", async () => {
      const old = storedWrap(storedDek(), { campaign: "c-1" });
      await store.putWrapCopy(old.dekId, old, "absent");
      const { material: _, campaign: __, ...bare } = old;
      const next = {
        ...bare,
        blob: randomBytes(184),
        keyArn: "arn:next",
        context: { tenant: "c" },
        wrappedAt: copyTimes[1],
      };
      expect(await store.putWrapCopy(old.dekId, next, { blob: old.blob })).toBe("stored");
      expect(await bench.wrapAt(old)).toEqual(next);
      expect(await store.putWrapCopy(old.dekId, next, { blob: old.blob })).toBe("same");
    });

    it("is a conflict without effect where something else is there than what was read", async () => {
      const there = storedWrap(storedDek());
      await store.putWrapCopy(there.dekId, there, "absent");
      const late = { ...there, blob: randomBytes(184) };
      for (const expected of ["absent", "unreadable", { blob: late.blob }, { blob: randomBytes(184) }] as const) {
        expect(await store.putWrapCopy(there.dekId, late, expected)).toBe("conflict");
      }
      expect(await bench.wrapAt(there)).toEqual(there);
      const gone = storedWrap(storedDek());
      expect(await store.putWrapCopy(gone.dekId, gone, { blob: gone.blob })).toBe("conflict");
      expect(await bench.wrapAt(gone)).toBeUndefined();
    });

    it("of the blob that is there mends its labels", async () => {
      const wrap = storedWrap(storedDek());
      await store.putWrapCopy(wrap.dekId, { ...wrap, keyArn: "arn:wrong", campaign: "c-1" }, "absent");
      expect(await store.putWrapCopy(wrap.dekId, wrap, { blob: wrap.blob })).toBe("stored");
      expect(await bench.wrapAt(wrap)).toEqual(wrap);
    });

    it("is put in the place of one that cannot be read as long as nobody else has mended it", async () => {
      const wrap = storedWrap(storedDek(), { campaign: "c-1" });
      const odd = {
        blob: { S: "text" },
        keyArn: { N: "1" },
        context: { M: { a: { L: [] } } },
        "odd name": { S: "x" },
      };
      await bench.forge(wrap.dekId, `wrap#${copyRegion}`, odd);
      expect(await store.putWrapCopy(wrap.dekId, wrap, "absent")).toBe("conflict");
      expect(await store.putWrapCopy(wrap.dekId, wrap, { blob: wrap.blob })).toBe("conflict");
      const others = Array.from({ length: 4 }, () => ({ ...wrap, blob: randomBytes(184) }));
      const outcomes = await Promise.all(others.map((one) => store.putWrapCopy(wrap.dekId, one, "unreadable")));
      expect(outcomes.toSorted()).toEqual(["conflict", "conflict", "conflict", "stored"]);
      expect(await bench.wrapAt(wrap)).toEqual(others[outcomes.indexOf("stored")]);
    });

    it("of many writers that read the same one, one stores, and the others are told", async () => {
      const old = storedWrap(storedDek());
      await store.putWrapCopy(old.dekId, old, "absent");
      const nexts = Array.from({ length: 6 }, () => ({ ...old, blob: randomBytes(184) }));
      const outcomes = await Promise.all(nexts.map((next) => store.putWrapCopy(old.dekId, next, { blob: old.blob })));
      expect(outcomes.filter((kind) => kind === "stored")).toHaveLength(1);
      expect(outcomes.filter((kind) => kind === "conflict")).toHaveLength(5);
      expect(await bench.wrapAt(old)).toEqual(nexts[outcomes.indexOf("stored")]);
    });
  });

  describe("copies of many DEKs and wraps", () => {
    let bench: CopyBench;
    let store: DekStore;

    beforeAll(async () => {
      bench = await copyBench(setup);
      store = bench.store;
    });

    it("many are answered one by one, in their order; one that is no key stops no other", async () => {
      const wraps = Array.from({ length: 30 }, () => storedWrap(storedDek()));
      const [first, second] = wraps;
      if (!first || !second) throw new TypeError("there are thirty");
      await store.putWrapCopies([
        { wrap: first, expected: "absent" },
        { wrap: { ...second, blob: randomBytes(184) }, expected: "absent" },
      ]);
      const odd = { ...storedWrap(storedDek()), dekId: "" };
      const outcomes = await store.putWrapCopies([
        { wrap: odd, expected: "absent" },
        ...wraps.map((wrap) => ({ wrap, expected: "absent" as const })),
      ]);
      expect(outcomes.map(({ kind }) => kind)).toEqual(["failed", "same", "conflict", ...Array(28).fill("stored")]);
      expect(outcomes[0]).toMatchObject({ error: { code: "STORE_VALUE_INVALID" } });
      const deks = [{ ...storedDek(), dekId: "" }, storedDek(), storedDek()].map((dek) => ({ dek }));
      const put = await store.putDekCopies([...deks, { dek: storedDek(), replaces: "unreadable" }]);
      expect(put.map(({ kind }) => kind)).toEqual(["failed", "stored", "stored", "conflict"]);
      expect(await store.putDekCopies([])).toEqual([]);
    });

    it("a copy that was taken away meanwhile is put there again", async () => {
      const dek = storedDek();
      await store.putDekCopy(dek);
      await bench.forget(dek.dekId, "dek");
      expect(await store.putDekCopy(dek)).toBe("stored");
    });

    it("a failure is told, never an outcome; a call that is aborted throws the signal's reason", async () => {
      const nowhere = createDekStore({ ...bench.subject, tables: { deks: `${bench.subject.tables.deks}-nowhere` } });
      const [dek, wrap] = [storedDek(), storedWrap(storedDek())];
      await expect(nowhere.putDekCopy(dek)).rejects.toMatchObject({ code: "STORE_TABLE_MISSING", retryable: true });
      for (const expected of ["absent", "unreadable", { blob: wrap.blob }] as const) {
        const put = nowhere.putWrapCopy(wrap.dekId, wrap, expected);
        await expect(put).rejects.toMatchObject({ code: "STORE_TABLE_MISSING" });
      }
      const reason = new Error("stopped");
      const options = { signal: AbortSignal.abort(reason) };
      await expect(store.putDekCopy(dek, options)).rejects.toBe(reason);
      await expect(store.putWrapCopy(wrap.dekId, wrap, "absent", options)).rejects.toBe(reason);
      await expect(store.getMany([dek.dekId], copyRegion, options)).rejects.toBe(reason);
      const outcomes = await store.putWrapCopies([{ wrap, expected: "absent" }], options);
      expect(outcomes).toMatchObject([{ kind: "failed", error: { code: "STORE_CANCELLED" } }]);
      expect(await bench.wrapAt(wrap)).toBeUndefined();
    });
  });
}
