import { newDekId } from "@dekhand/envelope";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Backend, startBackend } from "../testing/backend.ts";
import { localClient } from "../testing/local-client.ts";
import { asArray, isObject, type ScriptedCall, startScriptedEndpoint } from "../testing/scripted-endpoint.ts";
import type { DebtItem } from "./debt-types.ts";
import { newEntryId } from "./entry-id.ts";
import { createStateStore } from "./state-store.ts";

const region = "eu-west-1";
let backend: Backend;

beforeAll(async () => {
  backend = await startBackend("dynalite");
});
afterAll(() => backend[Symbol.asyncDispose]());

/** A store whose calls are written down, and whose batches are done as far as `done` says. */
async function watchedStore(done: (count: number, call: number) => number = (count) => count) {
  const { tables } = await backend.subject("single");
  const calls: string[] = [];
  const script = async ({ operation, input, forward }: ScriptedCall) => {
    if (operation !== "BatchWriteItem") {
      calls.push(operation);
      return forward();
    }
    const writes = asArray(isObject(input.RequestItems) ? input.RequestItems[tables.state] : undefined);
    calls.push(`${operation} ${writes.length}`);
    const count = done(writes.length, calls.length);
    const [now, rest] = [writes.slice(0, count), writes.slice(count)];
    const left = rest.length === 0 ? {} : { UnprocessedItems: { [tables.state]: rest } };
    if (now.length === 0) return { body: left };
    const answer = await forward({ RequestItems: { [tables.state]: now } });
    return { ...answer, body: { ...answer.body, ...left } };
  };
  const server = await startScriptedEndpoint(script, backend.endpoint);
  const client = localClient(server.endpoint);
  return {
    store: createStateStore({ client, tables }),
    calls,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("debt", () => {
  it("of a batch costs one call, and so does settling it", async () => {
    await using watched = await watchedStore();
    const items = debts(25);
    await watched.store.putDebt(items);
    await watched.store.settleDebt(region, ids(items));
    expect(watched.calls).toEqual(["BatchWriteItem 25", "BatchWriteItem 25"]);
    await watched.store.putDebt(debts(60));
    expect(watched.calls.slice(2)).toEqual(["BatchWriteItem 25", "BatchWriteItem 25", "BatchWriteItem 10"]);
  });

  it("that DynamoDB did not take at once is durable all the same when the call returns, and so is its settling", async () => {
    await using halves = await watchedStore((count, call) => (call % 4 === 0 ? 0 : Math.ceil(count / 2)));
    const items = debts(40);
    await halves.store.putDebt(items);
    expect((await halves.store.debtStatus(region)).items).toBe(40);
    await halves.store.settleDebt(region, ids(items));
    expect((await halves.store.debtStatus(region)).items).toBe(0);
  });

  it("a wait for DynamoDB ends at once with the signal's reason", async () => {
    const [stop, reason] = [new AbortController(), new Error("enough")];
    await using never = await watchedStore((_, call) => {
      if (call === 3) stop.abort(reason);
      return 0;
    });
    await expect(never.store.putDebt(debts(2), { signal: stop.signal })).rejects.toBe(reason);
    await expect(never.store.settleDebt(region, [newEntryId()], { signal: stop.signal })).rejects.toBe(reason);
  });

  it("is counted in one call a shard, however many ids it names", async () => {
    await using watched = await watchedStore();
    const recordIds = Array.from({ length: 100 }, (_, index) => `record-${index}`);
    await watched.store.putDebt(debts(50, { recordIds }));
    watched.calls.length = 0;
    expect(await watched.store.debtStatus(region)).toMatchObject({ items: 50, records: 5_000, atLeast: false });
    expect(watched.calls).toEqual(Array(8).fill("Query"));
  });
});

function debts(count: number, changes: Partial<DebtItem> = {}): DebtItem[] {
  const shared = { region, dekIds: [newDekId()], recordIds: ["r1"], at: "2026-11-23T10:00:00.000Z", ...changes };
  return Array.from({ length: count }, () => ({ ...shared, id: newEntryId() }));
}

function ids(items: readonly DebtItem[]): string[] {
  return items.map(({ id }) => id);
}
