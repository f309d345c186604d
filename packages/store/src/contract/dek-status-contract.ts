/** What a DEK's status guarantees on every endpoint. */

import { beforeAll, describe, expect, it } from "vitest";
import { createDekStore } from "../deks/dek-store.ts";
import type { DekStatusChange, DekStore } from "../deks/dek-types.ts";
import { sampleDek, sampleWrap } from "../testing/samples.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";

const at = "2026-11-24T10:00:00.000Z";
const later = "2026-11-27T10:00:00.000Z";
const retire: DekStatusChange = { from: "active", to: "retiring", at };

export function describeDekStatus(setup: ContractSetup): void {
  describe("a DEK's status", () => {
    let subject: ContractSubject;
    let store: DekStore;

    beforeAll(async () => {
      subject = await setup();
      store = createDekStore(subject);
    });

    const born = async () => {
      const dek = sampleDek();
      await store.insert(dek, sampleWrap());
      return dek;
    };

    it("goes from active to retiring, retired, and back to retiring, and says since when", async () => {
      const { dekId, profile, home, createdAt } = await born();
      const labels = { dekId, profile, home, createdAt };
      expect(await store.getSummary(dekId)).toEqual({ ...labels, status: "active" });
      const changes: DekStatusChange[] = [
        retire,
        { from: "retiring", to: "retired", at: "2026-11-25T10:00:00.000Z" },
        { from: "retired", to: "retiring", at: "2026-11-26T10:00:00.000Z" },
      ];
      for (const change of changes) {
        expect(await store.setStatus(dekId, change)).toBe("changed");
        expect(await store.getSummary(dekId)).toEqual({ ...labels, status: change.to, statusAt: change.at });
      }
    });

    it("is changed where it is what was read: of many that retire a DEK one does, and tells the others", async () => {
      const { dekId } = await born();
      const times = Array.from({ length: 5 }, (_, index) => `2026-11-24T10:00:0${index}.000Z`);
      const outcomes = await Promise.all(times.map((time) => store.setStatus(dekId, { ...retire, at: time })));
      expect(outcomes.toSorted()).toEqual(["changed", "conflict", "conflict", "conflict", "conflict"]);
      expect((await store.getSummary(dekId))?.statusAt).toBe(times[outcomes.indexOf("changed")]);
      expect(await store.setStatus(dekId, { from: "retired", to: "retiring", at: later })).toBe("conflict");
    });

    it("is changed once by a change whose answer was lost and that comes again", async () => {
      const { dekId } = await born();
      expect(await store.setStatus(dekId, retire)).toBe("changed");
      expect(await store.setStatus(dekId, retire)).toBe("changed");
    });

    it("of a DEK that is not there is not changed, and makes none", async () => {
      const { dekId } = sampleDek();
      expect(await store.setStatus(dekId, retire)).toBe("gone");
      expect(await store.getSummary(dekId)).toBeUndefined();
    });

    it("takes nothing from the DEK: whatever it is, the DEK comes with its wrap and is seen by scans", async () => {
      const dek = sampleDek();
      const wrap = sampleWrap();
      await store.insert(dek, wrap);
      await store.setStatus(dek.dekId, retire);
      await store.setStatus(dek.dekId, { from: "retiring", to: "retired", at });
      const status = { status: "retired", statusAt: at };
      expect(await store.get(dek.dekId, wrap.region)).toEqual({
        dek: { ...dek, ...status },
        wrap: { ...wrap, dekId: dek.dekId },
      });
      const seen = [];
      for await (const page of store.scan({ pageSize: 3, consistent: true })) seen.push(...page.deks);
      expect(seen.find(({ dekId }) => dekId === dek.dekId)).toMatchObject(status);
      // A birth that is told again must not bring it back into use.
      await store.insert(dek, wrap);
      expect(await store.getSummary(dek.dekId)).toMatchObject(status);
    });

    it("is neither read nor changed for a signal that is aborted", async () => {
      const { dekId } = await born();
      const reason = new Error("stopped");
      const signal = AbortSignal.abort(reason);
      await expect(store.getSummary(dekId, { signal })).rejects.toBe(reason);
      await expect(store.setStatus(dekId, retire, { signal })).rejects.toBe(reason);
      expect(await store.getSummary(dekId)).toMatchObject({ status: "active" });
    });
  });
}
