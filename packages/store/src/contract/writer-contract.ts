/** What every conditional writer guarantees, whatever it speaks to. */

import { type AttributeValue, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import { absent, type ConditionalWrite, type WriteResult } from "../writer/conditional-write.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";

type Item = Readonly<Record<string, AttributeValue>>;

const text = (value: string): AttributeValue => ({ S: value });
const blob = (value: string): AttributeValue => ({ B: Buffer.from(value) });
const kinds = (results: readonly WriteResult[]) => results.map(({ kind }) => kind);

export function describeConditionalWriter(setup: ContractSetup): void {
  describe("conditional writer", () => {
    let subject: ContractSubject;
    let table: string;
    let nextId = 0;

    beforeAll(async () => {
      subject = await setup();
      table = subject.tables.records;
    });

    const newKey = () => keyOf(`writer-${nextId++}`);
    const keyOf = (id: string) => ({ recordId: text(id), item: text("head") });
    const write = (...writes: ConditionalWrite[]) => subject.writer.write(writes);
    const insert = (key: Item, item: Item): ConditionalWrite => ({ kind: "insert", table, key, item });
    const update = (
      key: Item,
      when: Extract<ConditionalWrite, { kind: "update" }>["when"],
      set: Item,
      remove: string[] = [],
    ) => ({ kind: "update", table, key, when, set, remove }) as const;
    const read = async (Key: Item) =>
      (await subject.client.send(new GetItemCommand({ TableName: table, Key: { ...Key }, ConsistentRead: true }))).Item;

    it("an insert writes every attribute, reserved words and all types included", async () => {
      const key = newKey();
      const item = {
        blob: blob("bytes"),
        size: { N: "12" },
        context: { M: { tenant: text("a"), empty: text("") } },
        status: text("ünïcödé 🔑"),
        empty: text(""),
        none: { B: new Uint8Array(0) },
      };
      expect(kinds(await write(insert(key, item)))).toEqual(["done"]);
      expect(await read(key)).toEqual({ ...key, ...plain(item) });
    });

    it("an insert of an existing item is a conflict and changes nothing", async () => {
      const key = newKey();
      await write(insert(key, { blob: blob("first") }));
      expect(kinds(await write(insert(key, { blob: blob("second"), size: { N: "1" } })))).toEqual(["conflict"]);
      expect(await read(key)).toEqual({ ...key, blob: plain(blob("first")) });
    });

    it("items of one partition are different items", async () => {
      const key = newKey();
      const beside = { ...key, item: text("part") };
      expect(kinds(await write(insert(key, { v: text("1") }), insert(beside, { v: text("2") })))).toEqual([
        "done",
        "done",
      ]);
      expect((await read(beside))?.v).toEqual(text("2"));
    });

    it("an update sets and removes when its conditions hold, by equality and by absence", async () => {
      const key = newKey();
      await write(insert(key, { blob: blob("old"), gone: text("x"), keep: text("k") }));
      const result = await write(
        update(key, { blob: blob("old"), size: absent }, { blob: blob("new"), size: { N: "2" } }, ["gone"]),
      );
      expect(kinds(result)).toEqual(["done"]);
      expect(await read(key)).toEqual({ ...key, blob: plain(blob("new")), size: { N: "2" }, keep: text("k") });
    });

    it("an update may remove what is not there", async () => {
      const key = newKey();
      await write(insert(key, { v: text("1") }));
      expect(kinds(await write(update(key, {}, { v: text("2") }, ["never", "envelope"])))).toEqual(["done"]);
      expect(await read(key)).toEqual({ ...key, v: text("2") });
    });

    it.each([
      ["another value", { blob: blob("other") }],
      ["a value of another type", { blob: text("old") }],
      ["an attribute that is not there", { revision: { N: "1" } }],
      ["the absence of one that is", { blob: absent }],
      ["one of two that does not hold", { blob: blob("old"), size: { N: "9" } }],
    ] satisfies [string, Extract<ConditionalWrite, { kind: "update" }>["when"]][])(
      "an update that expects %s is a conflict and changes nothing",
      async (_, when) => {
        const key = newKey();
        await write(insert(key, { blob: blob("old"), size: { N: "1" } }));
        expect(kinds(await write(update(key, when, { blob: blob("new") })))).toEqual(["conflict"]);
        expect(await read(key)).toEqual({ ...key, blob: plain(blob("old")), size: { N: "1" } });
      },
    );

    it("an update of a missing item is a conflict and creates nothing", async () => {
      const [bare, byAbsence] = [newKey(), newKey()];
      const results = await write(
        update(bare, {}, { v: text("1") }),
        update(byAbsence, { revision: absent }, { v: text("1") }),
      );
      expect(kinds(results)).toEqual(["conflict", "conflict"]);
      expect(await read(bare)).toBeUndefined();
      expect(await read(byAbsence)).toBeUndefined();
    });

    it("a delete removes the item when its conditions hold, and only then", async () => {
      const [one, other, third] = [newKey(), newKey(), newKey()];
      await write(...[one, other, third].map((key) => insert(key, { blob: blob("old") })));
      const results = await write(
        { kind: "delete", table, key: one, when: { blob: blob("old"), size: absent } },
        { kind: "delete", table, key: other, when: { blob: blob("new") } },
        { kind: "delete", table, key: third },
      );
      expect(kinds(results)).toEqual(["done", "conflict", "done"]);
      expect(await Promise.all([one, other, third].map(read))).toMatchObject([
        undefined,
        { blob: plain(blob("old")) },
        undefined,
      ]);
    });

    it("an unconditional delete of a missing item is done", async () => {
      expect(kinds(await write({ kind: "delete", table, key: newKey() }))).toEqual(["done"]);
    });

    it("a conditional delete of a missing item does not fail", async () => {
      const [result] = await write({ kind: "delete", table, key: newKey(), when: { blob: blob("old") } });
      expect(["done", "conflict"]).toContain(result?.kind);
    });

    it("writes to one item happen in the order given, whatever stands between them", async () => {
      const key = newKey();
      const others = Array.from({ length: 40 }, () => insert(newKey(), { v: text("x") }));
      const steps = [
        insert(key, { v: text("1") }),
        ...others.slice(0, 20),
        update(key, { v: text("1") }, { v: text("2") }),
        update(key, { v: text("1") }, { v: text("never") }),
        ...others.slice(20),
        update(key, { v: text("2") }, { v: text("3") }),
      ];
      const results = kinds(await write(...steps));
      expect(results).toEqual(steps.map((_, index) => (index === 22 ? "conflict" : "done")));
      expect((await read(key))?.v).toEqual(text("3"));
    });

    it("more writes than one call takes are all carried out, each with its own outcome", async () => {
      const keys = Array.from({ length: 60 }, newKey);
      await write(...keys.filter((_, index) => index % 3 === 0).map((key) => insert(key, { v: text("before") })));
      const results = await write(...keys.map((key) => insert(key, { v: text("after") })));
      expect(kinds(results)).toEqual(keys.map((_, index) => (index % 3 === 0 ? "conflict" : "done")));
    });

    it("a full call of the largest items goes through", async () => {
      const big = { envelope: { B: Buffer.alloc(400_000, 7) } };
      const results = await write(...Array.from({ length: 25 }, () => insert(newKey(), big)));
      expect(kinds(results)).toEqual(Array.from({ length: 25 }, () => "done"));
    });

    it("a write that cannot succeed fails alone, with a code that is not retryable", async () => {
      const good = [newKey(), newKey()];
      const results = await write(
        insert(good[0] ?? newKey(), { v: text("1") }),
        insert(keyOf(""), { v: text("empty key") }),
        insert(keyOf("k".repeat(2049)), { v: text("long key") }),
        insert(newKey(), { v: { B: Buffer.alloc(410_000) } }),
        insert(newKey(), { 'x" = 1; --': text("name") }),
        insert(newKey(), { context: { M: { "": text("empty name") } } }),
        update(newKey(), {}, {}),
        insert(good[1] ?? newKey(), { v: text("2") }),
      );
      expect(kinds(results)).toEqual([
        "done",
        "failed",
        "failed",
        "failed",
        "failed",
        expect.any(String),
        "failed",
        "done",
      ]);
      for (const result of results) if (result.kind === "failed") expect(result.error.retryable).toBe(false);
      expect((await read(good[1] ?? newKey()))?.v).toEqual(text("2"));
    });

    it("a missing table fails its own writes only, and may be mended", async () => {
      const key = newKey();
      const missing: ConditionalWrite = { kind: "insert", table: `${table}-nowhere`, key, item: { v: text("1") } };
      const results = await write(missing, insert(key, { v: text("1") }));
      expect(results).toMatchObject([
        { kind: "failed", error: { code: "STORE_TABLE_MISSING", retryable: true } },
        { kind: "done" },
      ]);
    });

    it("of racing inserts exactly one is done, and of racing updates too", async () => {
      const key = newKey();
      const inserts = await Promise.all(
        Array.from({ length: 8 }, (_, n) => write(insert(key, { v: text("0"), n: { N: String(n) } }))),
      );
      expect(inserts.flatMap(kinds).filter((kind) => kind === "done")).toHaveLength(1);
      const updates = await Promise.all(
        Array.from({ length: 8 }, () => write(update(key, { v: text("0") }, { v: text("1") }))),
      );
      expect(updates.flatMap(kinds).filter((kind) => kind === "done")).toHaveLength(1);
    });

    it("an aborted signal leaves nothing pending and is told apart", async () => {
      const signal = AbortSignal.abort(new Error("stopped"));
      const results = await subject.writer.write(
        [insert(newKey(), { v: text("1") }), insert(newKey(), { v: text("1") })],
        { signal },
      );
      expect(results).toMatchObject([
        { kind: "failed", error: { code: "STORE_CANCELLED", retryable: true } },
        { kind: "failed", error: { code: "STORE_CANCELLED" } },
      ]);
    });

    it("no writes are no calls", async () => {
      expect(await write()).toEqual([]);
    });
  });
}

/** The SDK answers with Uint8Arrays where Buffers were given. */
function plain<T>(value: T): T {
  if (Buffer.isBuffer(value)) return new Uint8Array(value) as T;
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)])) as T;
}
