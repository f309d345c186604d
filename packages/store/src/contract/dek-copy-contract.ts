/** What copies of DEKs guarantee on every endpoint. */

import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createDekStore } from "../deks/dek-store.ts";
import type { DekStore, StoredDek } from "../deks/dek-types.ts";
import { sampleDek, sampleWrap } from "../testing/samples.ts";
import type { ConditionalWriter } from "../writer/conditional-write.ts";
import type { ContractSetup } from "./contract-subject.ts";
import {
  type CopyBench,
  copyBench,
  copyRegion,
  copyTimes,
  requireStatus,
  statuses,
  storedDek,
  storedWrap,
} from "./copied-deks.ts";

export function describeDekCopies(setup: ContractSetup): void {
  describe("copies of DEKs", () => {
    let bench: CopyBench;
    let store: DekStore;

    beforeAll(async () => {
      bench = await copyBench(setup);
      store = bench.store;
    });

    it("a birth stores the wraps of other Regions with its own, before the DEK, and again is accepted", async () => {
      const dek = sampleDek();
      const [wrap, ...moreWraps] = [
        sampleWrap(),
        sampleWrap({ region: copyRegion }),
        sampleWrap({ region: "ap-southeast-2" }),
      ];
      const order: string[][] = [];
      const writer: ConditionalWriter = {
        ...bench.subject.writer,
        write(writes, options) {
          order.push(writes.map(({ key }) => key.item?.S ?? ""));
          return bench.subject.writer.write(writes, options);
        },
      };
      const watched = createDekStore({ ...bench.subject, writer });
      await watched.insert(dek, wrap, { moreWraps });
      expect(order).toEqual([["wrap#us-east-1", "wrap#eu-west-1", "wrap#ap-southeast-2"], ["dek"]]);
      await store.insert(dek, wrap, { moreWraps });
      for (const one of [wrap, ...moreWraps]) {
        expect((await store.get(dek.dekId, one.region))?.wrap).toEqual({ ...one, dekId: dek.dekId });
      }
      const another = store.insert(dek, wrap, { moreWraps: [sampleWrap({ region: copyRegion })] });
      await expect(another).rejects.toMatchObject({ code: "STORE_DEK_EXISTS", context: { item: "wrap#eu-west-1" } });
    });

    it.each(statuses())(
      "one with the status $status comes as it is, and again is the same",
      async ({ status, statusAt }) => {
        const dek = storedDek(status, statusAt);
        expect(await store.putDekCopy(dek)).toBe("stored");
        expect(await bench.dekAt(dek)).toEqual(dek);
        expect(await store.putDekCopy(dek)).toBe("same");
        expect(await bench.dekAt(dek)).toEqual(dek);
      },
    );

    it("a status follows home's: on to retiring, retired, and back to retiring, also past one that it missed", async () => {
      for (const path of [[1, 2, 3], [2, 3], [3]]) {
        const dek = storedDek();
        await store.putDekCopy(dek);
        for (const step of path) {
          const next = { ...dek, ...requireStatus(step) };
          expect(await store.putDekCopy(next)).toBe("stored");
          expect(await bench.dekAt(dek)).toEqual(next);
        }
      }
    });

    it("an older status, read before and written late, changes nothing; none leads back to active", async () => {
      for (const [later, earlier] of [
        [1, 0],
        [2, 0],
        [2, 1],
        [3, 2],
        [3, 0],
      ] as const) {
        const dek = { ...storedDek(), ...requireStatus(later) };
        const { statusAt: _, ...bare } = dek;
        await store.putDekCopy(dek);
        expect(await store.putDekCopy({ ...bare, ...requireStatus(earlier) })).toBe("same");
        expect(await bench.dekAt(dek)).toEqual(dek);
      }
    });

    it("of two statuses of one moment, retired is the later one", async () => {
      const retiring = { ...storedDek(), ...requireStatus(1) };
      const retired = { ...retiring, status: "retired" as const };
      expect(await store.putDekCopy(retiring)).toBe("stored");
      expect(await store.putDekCopy(retired)).toBe("stored");
      expect(await store.putDekCopy(retiring)).toBe("same");
      expect(await bench.dekAt(retired)).toEqual(retired);
    });

    it("in whatever order and number copies arrive, the latest status stays", async () => {
      const born = storedDek();
      const steps = [0, 1, 2, 3, 1, 3, 0, 2].map(requireStatus);
      const outcomes = await Promise.all(steps.map((step) => store.putDekCopy({ ...born, ...step })));
      expect(outcomes).not.toContain("conflict");
      expect(await bench.dekAt(born)).toEqual({ ...born, ...requireStatus(3) });
      const other = storedDek();
      const batch = await store.putDekCopies(steps.map((step) => ({ dek: { ...other, ...step } })));
      expect(batch.map(({ kind }) => kind)).not.toContain("conflict");
      expect(batch.map(({ kind }) => kind)).not.toContain("failed");
      expect(await bench.dekAt(other)).toEqual({ ...other, ...requireStatus(3) });
    });

    it("another DEK of that id, or one that cannot be read, is a conflict and stays", async () => {
      const dek = storedDek("retiring", copyTimes[0]);
      await store.putDekCopy(dek);
      const others: StoredDek[] = [
        { ...dek, commitment: randomBytes(32), status: "retired", statusAt: copyTimes[2] },
        { ...dek, profile: "other" },
        { ...dek, context: { ...dek.context, tenant: "b" } },
        { ...dek, createdAt: copyTimes[2] },
      ];
      for (const other of others) expect(await store.putDekCopy(other)).toBe("conflict");
      expect(await bench.dekAt(dek)).toEqual(dek);
      await bench.forge(dek.dekId, "dek", { profile: { N: "1" } });
      expect(await store.putDekCopy(dek)).toBe("conflict");
    });

    it("a damaged one is replaced where it still is as it was read", async () => {
      const dek = storedDek();
      const damaged = { ...dek, commitment: randomBytes(32), ...requireStatus(1) };
      await store.putDekCopy(damaged);
      const { statusAt: _, ...misread } = damaged;
      for (const replaces of [dek, misread, "unreadable"] as const) {
        expect(await store.putDekCopy(dek, { replaces })).toBe("conflict");
      }
      expect(await store.putDekCopy(dek, { replaces: damaged })).toBe("stored");
      expect(await bench.dekAt(dek)).toEqual(dek);
      expect(await store.putDekCopy(dek, { replaces: damaged })).toBe("same");
      expect(await store.putDekCopy(dek, { replaces: dek })).toBe("same");
    });

    it("one that cannot be read is replaced as long as nobody else has", async () => {
      const dek = storedDek("retired", copyTimes[1]);
      await bench.forge(dek.dekId, "dek", { profile: { N: "1" }, statusAt: { S: "x" }, more: { BOOL: true } });
      expect(await store.putDekCopy(dek, { replaces: "unreadable" })).toBe("stored");
      expect(await bench.dekAt(dek)).toEqual(dek);
      expect(await store.putDekCopy(dek, { replaces: "unreadable" })).toBe("same");
      const gone = storedDek();
      expect(await store.putDekCopy(gone, { replaces: "unreadable" })).toBe("conflict");
      expect(await bench.dekAt(gone)).toBeUndefined();
    });
  });

  describe("reading many DEKs", () => {
    let bench: CopyBench;
    let store: DekStore;

    beforeAll(async () => {
      bench = await copyBench(setup);
      store = bench.store;
    });

    it("tells of each what is there: both, one of them, or nothing", async () => {
      const [whole, bare, gone] = [storedDek(), storedDek(), storedDek()];
      const wrap = storedWrap(whole);
      await store.putWrapCopy(whole.dekId, wrap, "absent");
      await store.putDekCopies([{ dek: whole }, { dek: bare }]);
      const orphan = storedWrap(storedDek());
      await store.putWrapCopy(orphan.dekId, orphan, "absent");
      const found = await store.getMany([whole.dekId, bare.dekId, gone.dekId, orphan.dekId, bare.dekId], copyRegion);
      expect(Object.fromEntries(found)).toEqual({
        [whole.dekId]: { dekId: whole.dekId, dek: whole, wrap, unreadable: [] },
        [bare.dekId]: { dekId: bare.dekId, dek: bare, unreadable: [] },
        [gone.dekId]: { dekId: gone.dekId, unreadable: [] },
        [orphan.dekId]: { dekId: orphan.dekId, wrap: orphan, unreadable: [] },
      });
      expect((await store.getMany([whole.dekId], "us-west-2")).get(whole.dekId)).not.toHaveProperty("wrap");
      expect(await store.getMany([], copyRegion)).toEqual(new Map());
    });

    it("of more than a call holds reads all", async () => {
      const deks = Array.from({ length: 100 }, () => storedDek());
      await store.putDekCopies(deks.map((dek) => ({ dek })));
      await store.putWrapCopies(deks.map((dek) => ({ wrap: storedWrap(dek), expected: "absent" })));
      const ids = deks.map(({ dekId }) => dekId);
      const found = await store.getMany(ids, copyRegion);
      expect([...found.keys()]).toEqual(ids);
      expect([...found.values()].every(({ dek, wrap }) => dek && wrap)).toBe(true);
    });

    it("names what cannot be read of one, and reads the others", async () => {
      const [sound, bent] = [storedDek(), storedDek()];
      await store.putDekCopies([{ dek: sound }, { dek: bent }]);
      await bench.forge(bent.dekId, "dek", { profile: { N: "1" } });
      await bench.forge(bent.dekId, `wrap#${copyRegion}`, { blob: { S: "text" } });
      const found = await store.getMany([sound.dekId, bent.dekId], copyRegion);
      expect(found.get(sound.dekId)?.dek).toEqual(sound);
      const { unreadable = [], ...rest } = found.get(bent.dekId) ?? {};
      expect([...unreadable].toSorted()).toEqual(["dek", "wrap"]);
      expect(rest).toEqual({ dekId: bent.dekId });
    });
  });
}
