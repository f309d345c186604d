/** What the store guarantees of debt to replica Regions, on every endpoint. */

import { randomUUID } from "node:crypto";
import { PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { newDekId } from "@dekhand/envelope";
import { beforeAll, describe, expect, it } from "vitest";
import { DEBT_SHARDS, debtKey } from "../state/debt-items.ts";
import type { DebtItem, DebtStore } from "../state/debt-types.ts";
import { newEntryId } from "../state/entry-id.ts";
import { splitDebt } from "../state/split-debt.ts";
import { createStateStore } from "../state/state-store.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";

const at = "2026-11-23T10:00:00.000Z";
const now = () => new Date("2026-11-23T12:00:00.000Z");

export function describeDebt(setup: ContractSetup): void {
  describe("debt", () => {
    let subject: ContractSubject;
    let store: DebtStore;
    let regions = 0;

    beforeAll(async () => {
      subject = await setup();
      store = createStateStore({ ...subject, now });
    });

    /** A Region that is owed nothing yet. */
    const freshRegion = () => {
      regions += 1;
      return `eu-west-${regions}`;
    };

    it("comes back as it went in until it is settled, and no other Region's goes with it", async () => {
      const [region, other] = [freshRegion(), freshRegion()];
      const items = [debt(region), debt(region, { dekIds: [] }), debt(region, { recordIds: [] })];
      await store.putDebt([...items, debt(other)]);
      expect(await listAll(store, region)).toEqual(expect.arrayContaining(items));
      const [settled, ...left] = items;
      await store.settleDebt(region, [settled?.id ?? ""]);
      expect(byId(await listAll(store, region))).toEqual(byId(left));
      await store.settleDebt(region, ids(items));
      expect(await listAll(store, region)).toEqual([]);
      expect(await listAll(store, other)).toHaveLength(1);
    });

    it("is put again and settled again without harm, ids that never were included", async () => {
      const region = freshRegion();
      const item = debt(region);
      await store.putDebt([item, item]);
      await store.putDebt([item]);
      expect(await listAll(store, region)).toEqual([item]);
      const twice = [item.id, item.id, newEntryId(), "never"];
      await store.settleDebt(region, twice);
      await store.settleDebt(region, twice);
      await store.settleDebt(region, []);
      await store.putDebt([]);
      expect(await listAll(store, region)).toEqual([]);
    });

    it("of the longest and most ids fits an item, awkward ids included", async () => {
      const region = freshRegion();
      const recordIds = Array.from({ length: 100 }, (_, index) => `${"🔑".repeat(127)}#${index}`);
      const item = debt(region, { recordIds, dekIds: Array.from({ length: 100 }, newDekId) });
      const more = Array.from({ length: 40 }, () => ({ ...item, id: newEntryId() }));
      await store.putDebt([item, ...more, debt(region, { recordIds: ["__proto__", "\\", " "] })]);
      const listed = await listAll(store, region);
      expect(listed).toHaveLength(42);
      expect(listed.find(({ id }) => id === item.id)).toEqual(item);
    });

    it.each([
      ["101 record ids", { recordIds: Array.from({ length: 101 }, (_, index) => `r${index}`) }],
      ["101 DEK ids", { dekIds: Array.from({ length: 101 }, newDekId) }],
      ["an empty record id", { recordIds: ["r1", ""] }],
      ["a record id that is too long", { recordIds: ["r".repeat(513)] }],
      ["an id that does not sort by age", { id: randomUUID() }],
      ["a Region with a #", { region: "eu#1" }],
    ])("with %s is refused, and nothing of the call is written", async (_, changes) => {
      const region = freshRegion();
      const puts = store.putDebt([debt(region), debt(region, changes)]);
      await expect(puts).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
      expect(await listAll(store, region)).toEqual([]);
    });

    it("is listed once in pages of any size, in each shard the oldest first, and spread over the shards", async () => {
      const region = freshRegion();
      const items = Array.from({ length: 60 }, () => debt(region));
      await store.putDebt(items.toReversed());
      for (const limit of [1, 7, 61]) {
        expect(ids(await listAll(store, region, limit)).toSorted()).toEqual(ids(items).toSorted());
      }
      const shards = Map.groupBy(await listAll(store, region), ({ id }) => debtKey(region, id).kind.S);
      expect(shards.size).toBe(DEBT_SHARDS);
      for (const shard of shards.values()) expect(ids(shard)).toEqual(ids(shard).toSorted());
    });

    it("its status counts what was durable when it was asked for", async () => {
      const region = freshRegion();
      expect(await store.debtStatus(region)).toEqual({
        region,
        asOf: now().toISOString(),
        items: 0,
        records: 0,
        deks: 0,
        malformed: 0,
        atLeast: false,
      });
      const items = Array.from({ length: 30 }, (_, index) => debt(region, { at: atMinute(index) }));
      await store.putDebt(items);
      const counts = { items: 30, records: 60, deks: 30, malformed: 0, atLeast: false };
      expect(await store.debtStatus(region)).toMatchObject({ ...counts, oldestAt: atMinute(0) });
      await store.settleDebt(region, ids(items.slice(0, 12)));
      expect(await store.debtStatus(region)).toMatchObject({
        items: 18,
        records: 36,
        deks: 18,
        oldestAt: atMinute(12),
      });
    });

    it("its status says so where it stops counting, and knows the oldest nevertheless", async () => {
      const region = freshRegion();
      const items = Array.from({ length: 64 }, (_, index) => debt(region, { at: atMinute(index) }));
      await store.putDebt(items);
      const cut = await store.debtStatus(region, { limit: 8 });
      expect(cut).toMatchObject({ items: 8, records: 16, deks: 8, atLeast: true, oldestAt: atMinute(0) });
      expect(await store.debtStatus(region, { limit: 64 * DEBT_SHARDS })).toMatchObject({ items: 64, atLeast: false });
    });

    it("its status counts all of it, however many items that is", async () => {
      const region = freshRegion();
      const items = Array.from({ length: 2_100 }, () => debt(region, { recordIds: ["r1"], dekIds: [] }));
      await store.putDebt(items);
      const all = { items: 2_100, records: 2_100, atLeast: false };
      expect(await store.debtStatus(region, { budgetMs: 60_000 })).toMatchObject(all);
    });

    it("its status counts what is as old as that alone, whatever its ids say", async () => {
      const region = freshRegion();
      const items = Array.from({ length: 20 }, (_, index) => debt(region, { at: atMinute(20 - index) }));
      await store.putDebt(items);
      const until = { until: atMinute(5) };
      expect(await store.debtStatus(region, until)).toMatchObject({ items: 5, records: 10, oldestAt: atMinute(1) });
      const { oldestAt, ...none } = await store.debtStatus(region, { until: atMinute(0) });
      expect([oldestAt, none]).toEqual([undefined, expect.objectContaining({ items: 0, atLeast: false })]);
    });

    it("an item that cannot be read hides no other, is counted as one, and can be settled", async () => {
      const region = freshRegion();
      const [sound, bent, torn] = [debt(region), newEntryId(), newEntryId()];
      await store.putDebt([sound]);
      const put = (id: string, more: object) =>
        subject.client.send(
          new PutItemCommand({ TableName: subject.tables.state, Item: { ...debtKey(region, id), ...more } }),
        );
      await put(bent, { at: { S: at }, deks: { N: "-1" }, records: { N: "1" }, dekIds: { L: [] } });
      await put(torn, {
        at: { S: at },
        deks: { N: "0" },
        records: { N: "1" },
        dekIds: { L: [] },
        recordIds: { L: [{ N: "1" }] },
      });
      const { entries, malformed } = await store.listDebt(region);
      expect(entries).toEqual([sound]);
      expect(malformed.toSorted()).toEqual([bent, torn].toSorted());
      expect(await store.debtStatus(region)).toMatchObject({ items: 3, malformed: 1 });
      await store.settleDebt(region, malformed);
      expect(await store.listDebt(region)).toEqual({ entries: [sound], malformed: [] });
    });

    it.each(["x", "99", "1.!", ""])("a cursor that is none of ours (%j) is refused", async (cursor) => {
      await expect(store.listDebt("eu-west-1", { cursor })).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
    });

    it("holds ids in lists and counts beside them, so that a count reads no ids", async () => {
      const region = freshRegion();
      const item = debt(region);
      await store.putDebt([item]);
      const { Items } = await subject.client.send(
        new QueryCommand({
          TableName: subject.tables.state,
          KeyConditionExpression: "kind = :kind",
          ExpressionAttributeValues: { ":kind": debtKey(region, item.id).kind },
        }),
      );
      expect(Items).toMatchObject([{ deks: { N: "1" }, records: { N: "2" }, at: { S: at } }]);
    });

    it("a call that is aborted throws the signal's reason", async () => {
      const reason = new Error("stopped");
      const options = { signal: AbortSignal.abort(reason) };
      const region = freshRegion();
      await expect(store.putDebt([debt(region)], options)).rejects.toBe(reason);
      await expect(store.settleDebt(region, [newEntryId()], options)).rejects.toBe(reason);
      await expect(store.listDebt(region, options)).rejects.toBe(reason);
      await expect(store.debtStatus(region, options)).rejects.toBe(reason);
      expect(await listAll(store, region)).toEqual([]);
    });
  });

  describe("a batch's debt", () => {
    it("is split into items of at most 100 ids each, every id once", () => {
      const dekIds = Array.from({ length: 101 }, newDekId);
      const recordIds = Array.from({ length: 250 }, (_, index) => `r${index}`);
      const items = splitDebt({
        region: "eu-west-1",
        at,
        dekIds: [...dekIds, ...dekIds],
        recordIds: [...recordIds, "r1"],
      });
      expect(items.map((item) => [item.dekIds.length, item.recordIds.length])).toEqual([
        [100, 100],
        [1, 100],
        [0, 50],
      ]);
      expect(items.flatMap((item) => item.dekIds)).toEqual(dekIds);
      expect(items.flatMap((item) => item.recordIds)).toEqual(recordIds);
      expect(new Set(ids(items)).size).toBe(3);
      expect(splitDebt({ region: "eu-west-1", at, dekIds: [], recordIds: [] })).toEqual([]);
    });
  });
}

function debt(region: string, changes: Partial<DebtItem> = {}): DebtItem {
  const recordIds = [`record-${randomUUID()}`, `record-${randomUUID()}`];
  return { id: newEntryId(), region, dekIds: [newDekId()], recordIds, at, ...changes };
}

function atMinute(minute: number): string {
  return new Date(Date.parse(at) + minute * 60_000).toISOString();
}

function ids(items: readonly { readonly id: string }[]): string[] {
  return items.map(({ id }) => id);
}

function byId(items: readonly DebtItem[]): DebtItem[] {
  return items.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

async function listAll(store: DebtStore, region: string, limit = 100): Promise<DebtItem[]> {
  const entries: DebtItem[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.listDebt(region, { limit, cursor });
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    entries.push(...page.entries);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return entries;
}
