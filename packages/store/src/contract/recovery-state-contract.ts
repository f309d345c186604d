/** What the store guarantees of homes, drills, scans' checkpoints, losers and audit, on every endpoint. */

import { randomUUID } from "node:crypto";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { DrillResult } from "../state/drill-types.ts";
import { newEntryId } from "../state/entry-id.ts";
import type { Loser } from "../state/loser-types.ts";
import type { ScanCheckpoint } from "../state/scan-types.ts";
import { createStateStore } from "../state/state-store.ts";
import type { StateStore } from "../state/state-types.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";

const at = "2026-11-23T10:00:00.000Z";

export function describeRecoveryState(setup: ContractSetup): void {
  describe("state of disaster recovery", () => {
    let subject: ContractSubject;
    let store: StateStore;

    beforeAll(async () => {
      subject = await setup();
      store = createStateStore({ ...subject, now: () => new Date(at) });
    });

    const putRaw = (kind: string, id: string) =>
      subject.client.send(
        new PutItemCommand({
          TableName: subject.tables.state,
          Item: { kind: { S: kind }, id: { S: id }, x: { N: "1" } },
        }),
      );

    describe("homes", () => {
      const home = (changes: object = {}) => ({
        profile: randomUUID(),
        region: "eu-west-1",
        epoch: 2,
        since: at,
        ...changes,
      });

      it("of many that move a home on one reading, one does, and the others are told", async () => {
        const { profile } = await store.getOrCreateHome(randomUUID(), "us-east-1");
        const moves = ["eu-west-1", "ap-southeast-2", "us-west-2"].map((region) => home({ profile, region }));
        const outcomes = await Promise.all(moves.map((next) => store.putHome(next, { epoch: 1 })));
        expect(outcomes.toSorted()).toEqual(["conflict", "conflict", "stored"]);
        expect(await store.getHome(profile)).toEqual(moves[outcomes.indexOf("stored")]);
        expect(await store.putHome(home({ profile, epoch: 3 }), { epoch: 1 })).toBe("conflict");
        expect(await store.putHome(home({ profile, epoch: 3 }), { epoch: undefined })).toBe("conflict");
        expect(await store.putHome(home({ profile, epoch: 7 }), { epoch: 2 })).toBe("stored");
        expect(await store.getHome(profile)).toEqual(home({ profile, epoch: 7 }));
      });

      it("one is written where none was read and none is there; the same write again is accepted", async () => {
        const first = home({ epoch: 5 });
        expect(await store.putHome(first, { epoch: 4 })).toBe("conflict");
        expect(await store.getHome(first.profile)).toBeUndefined();
        expect(await store.putHome(first, { epoch: undefined })).toBe("stored");
        expect(await store.putHome(first, { epoch: undefined })).toBe("stored");
        expect(await store.putHome({ ...first, region: "us-west-2" }, { epoch: undefined })).toBe("conflict");
        expect(await store.getOrCreateHome(first.profile, "us-east-1")).toEqual(first);
      });

      it("one tells of the homes before it, two of one epoch included", async () => {
        const earlier = [
          { epoch: 2, region: "eu-west-1", since: at },
          { epoch: 10, region: "eu-west-1", since: "2026-11-24T10:00:00.000Z" },
          { epoch: 10, region: "ap-southeast-2", since: "2026-11-25T10:00:00.000Z" },
        ];
        const moved = home({ epoch: 11, earlier });
        expect(await store.putHome(moved, { epoch: undefined })).toBe("stored");
        expect(await store.putHome(moved, { epoch: undefined })).toBe("stored");
        expect(await store.getHome(moved.profile)).toEqual(moved);
      });

      it.each([0, 1.5, 2, -1])("an epoch that is no higher one (%d after 2) is refused", async (epoch) => {
        await expect(store.putHome(home({ epoch }), { epoch: 2 })).rejects.toMatchObject({
          code: "STORE_VALUE_INVALID",
        });
      });

      it("are listed by profile, and one that cannot be read is not overlooked", async () => {
        const fresh = createStateStore(await setup());
        expect(await fresh.listHomes()).toEqual([]);
        const [b, a] = [home({ profile: "b" }), home({ profile: "a", epoch: 1 })];
        await fresh.putHome(b, { epoch: undefined });
        await fresh.putHome(a, { epoch: undefined });
        expect(await fresh.listHomes()).toEqual([a, b]);
        await putRaw("home", "bent");
        await expect(store.listHomes()).rejects.toMatchObject({
          code: "STORE_ITEM_MALFORMED",
          context: { id: "bent" },
        });
      });
    });

    describe("drills", () => {
      it("one comes back as it went in, and the last one is the newest of its Region", async () => {
        const region = `eu-${randomUUID().slice(0, 8)}`;
        expect(await store.lastDrill(region)).toBeUndefined();
        const drills = [drill(region), drill(region, { sample: 100 }), drill(region, { failures: [] })];
        for (const result of drills.toReversed()) await store.putDrill(result);
        await store.putDrill(drill("elsewhere"));
        expect(await store.lastDrill(region)).toEqual(drills[2]);
        expect(await store.listDrills(region)).toEqual({ entries: drills.toReversed(), malformed: [] });
        await store.putDrill({ ...drill(region), id: drills[2]?.id ?? "" });
        expect((await store.listDrills(region)).entries).toHaveLength(3);
      });

      it("are listed newest first in pages, and one that cannot be read is named; no older one stands in for it", async () => {
        const region = `eu-${randomUUID().slice(0, 8)}`;
        const drills = Array.from({ length: 5 }, () => drill(region));
        for (const result of drills) await store.putDrill(result);
        const bent = newEntryId();
        await putRaw(`drill#${region}`, bent);
        const first = await store.listDrills(region, { limit: 4 });
        expect(first).toMatchObject({ entries: drills.slice(2).toReversed(), malformed: [bent] });
        const second = await store.listDrills(region, { limit: 4, cursor: first.cursor });
        expect(second).toEqual({ entries: drills.slice(0, 2).toReversed(), malformed: [] });
        await expect(store.lastDrill(region)).rejects.toMatchObject({ code: "STORE_ITEM_MALFORMED" });
      });

      it("keep the first 20 failures, and take no id that does not sort by age", async () => {
        const region = `eu-${randomUUID().slice(0, 8)}`;
        const failures = Array.from({ length: 30 }, (_, index) => ({ recordId: `r${index}`, code: "X" }));
        await store.putDrill(drill(region, { failures, failed: 30 }));
        expect(await store.lastDrill(region)).toMatchObject({ failed: 30, failures: failures.slice(0, 20) });
        const odd = drill(region, { id: randomUUID() });
        await expect(store.putDrill(odd)).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
      });
    });

    describe("checkpoints of scans", () => {
      it("one comes back as it was saved, one a segment, in order", async () => {
        const name = randomUUID();
        expect(await store.getScan(name)).toEqual([]);
        const later = checkpoint(name, { index: 10, of: 12 }, { cursor: '["r🔑","head"]' });
        const first = checkpoint(name, { index: 2, of: 12 }, { doneAt: at, counts: {} });
        for (const one of [later, first, checkpoint(`${name}#`, first.segment)]) await store.saveScan(one);
        expect(await store.getScan(name)).toEqual([
          { ...first, seq: 1 },
          { ...later, seq: 1 },
        ]);
      });

      it("of many that save on one reading, one does; a zombie loses though it says just the same", async () => {
        const start = checkpoint(randomUUID(), { index: 0, of: 1 });
        const outcomes = await Promise.all(Array.from({ length: 5 }, () => store.saveScan(start)));
        expect(outcomes.filter(({ kind }) => kind === "saved")).toEqual([
          { kind: "saved", checkpoint: { ...start, seq: 1 } },
        ]);
        const next = { ...start, seq: 1, cursor: '["r2","head"]', counts: { read: 500 } };
        expect(await store.saveScan(next)).toEqual({ kind: "saved", checkpoint: { ...next, seq: 2 } });
        expect(await store.saveScan(next)).toEqual({ kind: "lost" });
        expect(await store.saveScan({ ...next, seq: 0 })).toEqual({ kind: "lost" });
        expect(await store.saveScan({ ...next, seq: 3 })).toEqual({ kind: "lost" });
        expect(await store.getScan(start.name)).toEqual([{ ...next, seq: 2 }]);
      });

      it("a new pass leaves nothing of the one before", async () => {
        const done = checkpoint(randomUUID(), { index: 0, of: 1 }, { doneAt: at, cursor: '["x","head"]' });
        await store.saveScan(done);
        const again = checkpoint(done.name, done.segment, {
          seq: 1,
          counts: {},
          startedAt: "2026-11-24T10:00:00.000Z",
        });
        await store.saveScan(again);
        expect(await store.getScan(done.name)).toEqual([{ ...again, seq: 2 }]);
      });

      it("a segment that is none is refused, and one that cannot be read is not overlooked", async () => {
        const name = randomUUID();
        for (const segment of [
          { index: 2, of: 2 },
          { index: -1, of: 2 },
          { index: 0.5, of: 2 },
          { index: 0, of: 0 },
        ]) {
          const save = store.saveScan(checkpoint(name, segment));
          await expect(save).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
        }
        await putRaw(`scan#${name}`, "0000001#0000000");
        await expect(store.getScan(name)).rejects.toMatchObject({ code: "STORE_ITEM_MALFORMED" });
      });
    });

    describe("losers", () => {
      it("come back as they went in, once a record and sealing, by record, in pages", async () => {
        const fresh = createStateStore(await setup());
        expect(await fresh.listLosers()).toEqual({ entries: [], malformed: [] });
        const { revision: _, ...bare } = loser("r1");
        const losers = [loser("r0#head"), bare, { ...bare, sealId: "cd".repeat(24) }, loser(`r2${"🔑".repeat(127)}`)];
        for (const one of losers.toReversed()) await fresh.putLoser(one);
        await fresh.putLoser({ ...bare, at: "2027-01-01T00:00:00.000Z" });
        const first = await fresh.listLosers({ limit: 3 });
        const second = await fresh.listLosers({ limit: 3, cursor: first.cursor });
        expect([...first.entries, ...second.entries]).toEqual(losers);
        expect(second.cursor).toBeUndefined();
      });

      it("one that cannot be read hides no other", async () => {
        await store.putLoser(loser("seen"));
        await putRaw("loser", "bent");
        const { entries, malformed } = await store.listLosers();
        expect(entries.map(({ recordId }) => recordId)).toContain("seen");
        expect(malformed).toEqual(["bent"]);
      });
    });

    describe("what operators did", () => {
      const entry = (changes: object = {}) => ({
        id: newEntryId(),
        at,
        actor: "ann",
        act: "failover",
        facts: { profile: "people", "dekhand:#": "🔑" },
        ...changes,
      });

      it("comes back as it went in, the newest first, in pages; the same id again replaces it", async () => {
        const fresh = createStateStore(await setup());
        expect(await fresh.listAudit()).toEqual({ entries: [], malformed: [] });
        const all = [entry(), entry({ facts: {} }), entry({ act: "failback" })];
        for (const one of all) await fresh.putAudit({ ...one, actor: "somebody" });
        for (const one of all) await fresh.putAudit(one);
        const first = await fresh.listAudit({ limit: 2 });
        const second = await fresh.listAudit({ limit: 2, cursor: first.cursor });
        expect([...first.entries, ...second.entries]).toEqual(all.toReversed());
      });

      it("is kept however long its texts are, and one that cannot be read hides no other", async () => {
        const long = entry({ facts: { reason: "x".repeat(500_000) } });
        await store.putAudit(long);
        await putRaw("audit", "bent");
        const { entries, malformed } = await store.listAudit();
        expect(entries.find(({ id }) => id === long.id)?.facts.reason).toHaveLength(1_000);
        expect(malformed).toEqual(["bent"]);
      });
    });

    it("a call that is aborted throws the signal's reason", async () => {
      const reason = new Error("stopped");
      const options = { signal: AbortSignal.abort(reason) };
      const home = { profile: "aborted", region: "eu-west-1", epoch: 1, since: at };
      await expect(store.putHome(home, { epoch: undefined }, options)).rejects.toBe(reason);
      await expect(store.putDrill(drill("eu-west-1"), options)).rejects.toBe(reason);
      await expect(store.lastDrill("eu-west-1", options)).rejects.toBe(reason);
      await expect(store.saveScan(checkpoint("s", { index: 0, of: 1 }), options)).rejects.toBe(reason);
      await expect(store.putLoser(loser("r"), options)).rejects.toBe(reason);
    });
  });
}

function drill(region: string, changes: Partial<DrillResult> = {}): DrillResult {
  return {
    id: newEntryId(),
    region,
    startedAt: at,
    endedAt: "2026-11-23T10:01:00.000Z",
    asked: 10_000,
    opened: 9_998,
    failed: 2,
    failures: [{ recordId: "r1", code: "DEKS_NOT_FOUND" }, { code: "STORE_UNAVAILABLE" }],
    sample: "all",
    actor: "ann",
    ...changes,
  };
}

function checkpoint(
  name: string,
  segment: ScanCheckpoint["segment"],
  changes: Partial<ScanCheckpoint> = {},
): ScanCheckpoint {
  return { name, segment, counts: { read: 0, ["__proto__"]: 2 }, startedAt: at, seq: 0, ...changes };
}

function loser(recordId: string): Loser {
  return { recordId, region: "us-east-1", epoch: 1, revision: 3, sealId: "ab".repeat(24), dekId: randomUUID(), at };
}
