/** What the store of DEKs guarantees on every endpoint. */

import { randomBytes } from "node:crypto";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import { createDekStore } from "../deks/dek-store.ts";
import type { DekStore, DekSummary, WrapSummary } from "../deks/dek-types.ts";
import { sampleDek, sampleWrap } from "../testing/samples.ts";
import type { ConditionalWrite } from "../writer/conditional-write.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";

export function describeDekStore(setup: ContractSetup): void {
  describe("DEK store", () => {
    let subject: ContractSubject;
    let store: DekStore;

    beforeAll(async () => {
      subject = await setup();
      store = createDekStore(subject);
    });

    it("a DEK and its wrap come back as they went in, awkward context keys included", async () => {
      const context = Object.fromEntries([
        ["__proto__", "p"],
        ["constructor", "c"],
        ["", "empty key"],
        ["\\__proto__", "escaped"],
        ["tenant", ""],
        ["schlüssel 🔑", "wert"],
      ]);
      const dek = sampleDek({ context });
      const wrap = sampleWrap({ context });
      await store.insert(dek, wrap);
      const found = await store.get(dek.dekId, wrap.region);
      expect(found).toEqual({ dek: { ...dek, status: "active" }, wrap: { ...wrap, dekId: dek.dekId } });
      expect(Object.keys(found?.dek.context ?? {}).sort()).toEqual(Object.keys(context).sort());
    });

    it("a wrap without a material id is stored without one", async () => {
      const dek = sampleDek();
      const { material: _, ...wrap } = sampleWrap();
      await store.insert(dek, wrap);
      expect((await store.get(dek.dekId, wrap.region))?.wrap).not.toHaveProperty("material");
    });

    it("a DEK that is not there, or has no wrap for the Region, is undefined", async () => {
      const dek = sampleDek();
      await store.insert(dek, sampleWrap());
      expect(await store.get(dek.dekId, "eu-west-1")).toBeUndefined();
      expect(await store.get(sampleDek().dekId, "us-east-1")).toBeUndefined();
    });

    it("the same insert again is accepted; another DEK of that id is refused and changes nothing", async () => {
      const [dek, wrap] = [sampleDek(), sampleWrap()];
      await store.insert(dek, wrap);
      await store.insert(dek, wrap);
      await expect(store.insert(sampleDek({ dekId: dek.dekId }), wrap)).rejects.toMatchObject({
        code: "STORE_DEK_EXISTS",
      });
      await expect(store.insert(dek, sampleWrap())).rejects.toMatchObject({
        code: "STORE_DEK_EXISTS",
        retryable: false,
      });
      expect((await store.get(dek.dekId, wrap.region))?.dek.commitment).toEqual(dek.commitment);
    });

    it("there is never a DEK without a durable wrap: where the wrap fails, no DEK is written", async () => {
      const dek = sampleDek();
      const order: string[] = [];
      const write = async (writes: readonly ConditionalWrite[]) => {
        order.push(...writes.map(({ key }) => key.item?.S ?? ""));
        return subject.writer.write(writes.map((one) => ({ ...one, table: `${one.table}-nowhere` })));
      };
      const failing = createDekStore({ ...subject, writer: { ...subject.writer, write } });
      await expect(failing.insert(dek, sampleWrap())).rejects.toMatchObject({
        code: "STORE_TABLE_MISSING",
        retryable: true,
      });
      expect(order).toEqual(["wrap#us-east-1"]);
    });

    it("a wrap is swapped where it is as it was read, and carries the new one's labels only", async () => {
      const [dek, wrap] = [sampleDek(), sampleWrap()];
      await store.insert(dek, wrap);
      const next = { keyArn: "arn:new", blob: randomBytes(184), wrappedAt: "2026-11-24T10:00:00.000Z" };
      const swap = () => store.swapWrap(dek.dekId, wrap.region, wrap.blob, next);
      expect(await swap()).toBe("swapped");
      const { material: _, ...rest } = wrap;
      const stored = { ...rest, ...next, dekId: dek.dekId };
      expect((await store.get(dek.dekId, wrap.region))?.wrap).toEqual(stored);
      // Its answer may have been lost.
      expect(await swap()).toBe("swapped");
      expect(await store.swapWrap(dek.dekId, wrap.region, wrap.blob, { ...next, blob: randomBytes(184) })).toBe(
        "conflict",
      );
      expect((await store.get(dek.dekId, wrap.region))?.wrap).toEqual(stored);
    });

    it("a swap takes a campaign's mark away, tells a wrap that is gone, and makes none", async () => {
      const [dek, wrap] = [sampleDek(), sampleWrap()];
      await store.insert(dek, wrap);
      const Item = { dekId: { S: dek.dekId }, item: { S: "wrap#us-east-1" }, ...wrapItem(wrap), campaign: { S: "c" } };
      await subject.client.send(new PutItemCommand({ TableName: subject.tables.deks, Item }));
      const next = { keyArn: "arn:new", material: "m2", blob: randomBytes(184), wrappedAt: wrap.wrappedAt };
      expect(await store.swapWrap(dek.dekId, wrap.region, wrap.blob, next)).toBe("swapped");
      const found = (await store.get(dek.dekId, wrap.region))?.wrap;
      expect(found).toMatchObject({ material: "m2", keyArn: "arn:new" });
      expect(found).not.toHaveProperty("campaign");
      expect(await store.swapWrap(dek.dekId, "eu-west-1", wrap.blob, next)).toBe("gone");
      expect(await store.get(dek.dekId, "eu-west-1")).toBeUndefined();
    });

    it("an insert that is aborted throws the signal's reason", async () => {
      const reason = new Error("birth deadline");
      await expect(store.insert(sampleDek(), sampleWrap(), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      await expect(store.get("any", "us-east-1", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });

    it.each([
      ["a commitment of another length", "dek", { commitment: { B: Buffer.alloc(31) } }],
      ["an unknown status", "dek", { status: { S: "canary-status" } }],
      ["a context that is no map of texts", "dek", { context: { M: { tenant: { N: "1" } } } }],
      ["a suite that is no integer", "dek", { suite: { N: "1.5" } }],
      ["a blob of another type", "wrap#us-east-1", { blob: { S: "canary-blob" } }],
      ["a key ARN of another type", "wrap#us-east-1", { keyArn: { L: [] } }],
    ])("a stored item with %s is refused without repeating what it holds", async (_, item, change) => {
      const dek = sampleDek();
      const wrap = sampleWrap();
      const attributes = item === "dek" ? dekItem(dek) : wrapItem(wrap);
      await store.insert(dek, wrap);
      const Item = { dekId: { S: dek.dekId }, item: { S: item }, ...attributes, ...change };
      await subject.client.send(new PutItemCommand({ TableName: subject.tables.deks, Item }));
      const failure = await store.get(dek.dekId, "us-east-1").catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "STORE_ITEM_MALFORMED", context: { dekId: dek.dekId, item } });
      expect(JSON.stringify(failure)).not.toContain("canary");
    });

    it("a scan finds every DEK and wrap once, in pages and in segments, and tells what it cannot read", async () => {
      const fresh = await setup();
      const table = createDekStore(fresh);
      const ids = await insertMany(table, 23);
      const Item = { dekId: { S: "broken" }, item: { S: "wrap#us-east-1" }, keyArn: { N: "1" } };
      await fresh.client.send(new PutItemCommand({ TableName: fresh.tables.deks, Item }));

      const whole = await collect(table.scan({ pageSize: 7 }));
      expect(whole.pages).toBeGreaterThan(5);
      expect(whole.deks.map(({ dekId }) => dekId).sort()).toEqual(ids);
      expect(whole.wraps.map(({ dekId }) => dekId).sort()).toEqual(ids);
      expect(whole.malformed).toEqual([{ dekId: "broken", item: "wrap#us-east-1" }]);

      const halves = await Promise.all([0, 1].map((index) => collect(table.scan({ segment: { index, of: 2 } }))));
      expect(halves.flatMap(({ deks }) => deks.map(({ dekId }) => dekId)).sort()).toEqual(ids);

      expect(await table.count()).toEqual({
        deks: [
          { profile: "customer-pii", home: "us-east-1", count: 15 },
          { profile: "other", home: "us-east-1", count: 8 },
        ],
        wraps: [
          { region: "us-east-1", keyArn: sampleWrap().keyArn, material: "m1", count: 15 },
          { region: "us-east-1", keyArn: "arn:old", count: 8 },
        ],
        malformed: 1,
      });
    });

    it("a scan ends at once when its signal is aborted", async () => {
      const reason = new Error("stopped");
      await expect(collect(store.scan({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
      await expect(store.count({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });
  });
}

async function insertMany(store: DekStore, count: number): Promise<string[]> {
  const inserted = Array.from({ length: count }, async (_, index) => {
    const old = index % 3 === 2 || index === 1;
    const dek = sampleDek({ profile: old ? "other" : "customer-pii" });
    const { material: _none, ...bare } = sampleWrap({ keyArn: "arn:old" });
    await store.insert(dek, old ? bare : sampleWrap({ material: "m1" }));
    return dek.dekId;
  });
  return (await Promise.all(inserted)).sort();
}

async function collect(pages: ReturnType<DekStore["scan"]>) {
  const found = { pages: 0, deks: [] as DekSummary[], wraps: [] as WrapSummary[], malformed: [] as unknown[] };
  for await (const page of pages) {
    found.pages += 1;
    found.deks.push(...page.deks);
    found.wraps.push(...page.wraps);
    found.malformed.push(...page.malformed);
  }
  return found;
}

function dekItem(dek: ReturnType<typeof sampleDek>) {
  return {
    profile: { S: dek.profile },
    suite: { N: "1" },
    commitment: { B: dek.commitment },
    context: { M: {} },
    home: { S: dek.home },
    createdAt: { S: dek.createdAt },
    status: { S: "active" },
  };
}

function wrapItem(wrap: ReturnType<typeof sampleWrap>) {
  return {
    keyArn: { S: wrap.keyArn },
    blob: { B: wrap.blob },
    context: { M: {} },
    wrappedAt: { S: wrap.wrappedAt },
  };
}
