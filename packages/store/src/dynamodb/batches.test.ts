import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Backend, startBackend } from "../testing/backend.ts";
import { localClient } from "../testing/embedded-dynamodb.ts";
import { asArray, isObject, type ScriptedCall, startScriptedEndpoint } from "../testing/scripted-endpoint.ts";
import { batchDelete } from "./batch-delete.ts";
import { batchGet } from "./batch-get.ts";
import { batchPut } from "./batch-put.ts";

let backend: Backend;
let table: string;

beforeAll(async () => {
  backend = await startBackend("dynalite");
  table = (await backend.subject("single")).tables.records;
});
afterAll(() => backend[Symbol.asyncDispose]());

const keyOf = (index: number) => ({ recordId: { S: `r${index}` }, item: { S: "head" } });
const many = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ ...keyOf(index), n: { N: String(index) } }));

/** A client of an endpoint that does only a part of every batch it is given and hands the rest back. */
async function partial(done: (count: number, call: number) => number) {
  const calls: number[] = [];
  const script = async ({ operation, input, forward }: ScriptedCall) => {
    const requests = isObject(input.RequestItems) ? input.RequestItems[table] : undefined;
    const isRead = operation === "BatchGetItem";
    const all = isRead && isObject(requests) ? asArray(requests.Keys) : asArray(requests);
    calls.push(all.length);
    const count = done(all.length, calls.length);
    const [now, rest] = [all.slice(0, count), all.slice(count)];
    const wrap = (items: readonly unknown[]) => ({
      [table]: isRead ? { ...(isObject(requests) ? requests : {}), Keys: items } : items,
    });
    const left = rest.length === 0 ? {} : { [isRead ? "UnprocessedKeys" : "UnprocessedItems"]: wrap(rest) };
    if (now.length === 0) return { body: { Responses: {}, UnprocessedKeys: {}, UnprocessedItems: {}, ...left } };
    const answer = await forward({ ...input, RequestItems: wrap(now) });
    return { ...answer, body: { ...answer.body, ...left } };
  };
  const server = await startScriptedEndpoint(script, backend.endpoint);
  const client = localClient(server.endpoint);
  return {
    client,
    calls,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("batches that DynamoDB processes in part", () => {
  it("what was not written is sent again until all is durable, and what was not read is asked for again", async () => {
    await using halves = await partial((count) => Math.ceil(count / 2));
    await batchPut(halves.client, table, many(60));
    const found = await batchGet(
      halves.client,
      table,
      many(60).map((_, index) => keyOf(index)),
    );
    expect(found.map(({ n }) => Number(n?.N)).sort((a, b) => a - b)).toEqual(many(60).map((_, index) => index));
    expect(Math.max(...halves.calls)).toBeLessThanOrEqual(60);
  });

  it("what was not deleted is sent again until all is gone, there or not", async () => {
    await using halves = await partial((count) => Math.ceil(count / 2));
    const keys = many(60).map((_, index) => keyOf(2_000 + index));
    await batchPut(halves.client, table, keys.slice(0, 40));
    await batchDelete(halves.client, table, keys);
    expect(await batchGet(halves.client, table, keys)).toEqual([]);
  });

  it("answers that process nothing are waited out", async () => {
    await using stalled = await partial((count, call) => (call % 3 === 0 ? count : 0));
    await batchPut(stalled.client, table, many(3));
    expect(await batchGet(stalled.client, table, [keyOf(0), keyOf(2)])).toHaveLength(2);
    expect(stalled.calls).toHaveLength(6);
  });

  it("the wait ends at once with the signal's reason", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    await using never = await partial((_, call) => {
      if (call === 3) stop.abort(reason);
      return 0;
    });
    await expect(batchPut(never.client, table, many(2), { signal: stop.signal })).rejects.toBe(reason);
    await expect(batchGet(never.client, table, [keyOf(0)], { signal: stop.signal })).rejects.toBe(reason);
  });

  it("no call puts more than 25 items or 4 MB", async () => {
    await using whole = await partial((count) => count);
    const big = Array.from({ length: 12 }, (_, index) => ({
      ...keyOf(1000 + index),
      bytes: { B: Buffer.alloc(380_000) },
    }));
    await batchPut(whole.client, table, [...many(30), ...big]);
    expect(whole.calls).toEqual([25, 16, 1]);
  });

  it("more keys than one call reads are read in several, missing ones left out", async () => {
    await using whole = await partial((count) => count);
    await batchPut(whole.client, table, many(130));
    const keys = Array.from({ length: 140 }, (_, index) => keyOf(index));
    expect(await batchGet(whole.client, table, keys, { attributes: ["recordId"] })).toHaveLength(130);
    expect(whole.calls.slice(-2)).toEqual([100, 40]);
  });
});
