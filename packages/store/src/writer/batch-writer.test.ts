import { describe, expect, it } from "vitest";
import { localClient } from "../testing/embedded-dynamodb.ts";
import { asArray, type ScriptedAnswer, startScriptedEndpoint } from "../testing/scripted-endpoint.ts";
import { createBatchWriter } from "./batch-writer.ts";
import type { ConditionalWrite } from "./conditional-write.ts";

const table = "test-records";
const insert = (id: string, bytes = 1): ConditionalWrite => ({
  kind: "insert",
  table,
  key: { recordId: { S: id }, item: { S: "head" } },
  item: { envelope: { B: Buffer.alloc(bytes) } },
});

type Answer = { readonly Error?: { readonly Code: string; readonly Message: string } };
const done: Answer = {};
const fault = (Code: string): Answer => ({ Error: { Code, Message: "canary" } });

/** A writer on an endpoint whose calls are answered by `answer`, given the record ids of the call's statements. */
async function scripted(answer: (ids: readonly string[], call: number) => readonly Answer[] | ScriptedAnswer) {
  const calls: string[][] = [];
  const verbs: string[][] = [];
  const server = await startScriptedEndpoint(({ input }) => {
    const statements = asArray(input.Statements).map((statement) => JSON.stringify(statement));
    const ids = statements.map((statement) => /"S":"(\w+)"/.exec(statement)?.[1] ?? "");
    calls.push(ids);
    verbs.push(statements.map((statement) => /"Statement":"(\w+)/.exec(statement)?.[1] ?? ""));
    const answered = answer(ids, calls.length);
    return "body" in answered ? answered : { body: { Responses: answered } };
  });
  const client = localClient(server.endpoint);
  return {
    calls,
    verbs,
    client,
    writer: createBatchWriter(client),
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("batches of statements", () => {
  it.each([
    "ThrottlingError",
    "InternalServerError",
    "ProvisionedThroughputExceeded",
    "RequestLimitExceeded",
    "TransactionConflict",
  ])("a statement answered by %s inside HTTP 200 is sent again, and only that one", async (code) => {
    await using endpoint = await scripted((ids, call) =>
      ids.map((id) => (id === "b" && call < 4 ? fault(code) : done)),
    );
    const results = await endpoint.writer.write([insert("a"), insert("b"), insert("c")]);
    expect(results).toEqual([{ kind: "done" }, { kind: "done" }, { kind: "done" }]);
    expect(endpoint.calls).toEqual([["a", "b", "c"], ["b"], ["b"], ["b"]]);
  });

  it("throttled writes are retried until the signal ends them, and say so", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    await using endpoint = await scripted((ids, call) => {
      if (call === 5) stop.abort(reason);
      return ids.map((id) => (id === "a" ? done : fault("ThrottlingError")));
    });
    const results = await endpoint.writer.write([insert("a"), insert("b"), insert("b")], { signal: stop.signal });
    expect(results).toMatchObject([
      { kind: "done" },
      { kind: "failed", error: { code: "STORE_CANCELLED", retryable: true, cause: reason } },
      { kind: "failed", error: { code: "STORE_CANCELLED" } },
    ]);
  });

  it("no call has more than 25 statements, more than 4 MB, or two writes of one item", async () => {
    await using endpoint = await scripted((ids) => ids.map(() => done));
    const many = Array.from({ length: 60 }, (_, index) => insert(`i${index}`));
    const big = Array.from({ length: 12 }, (_, index) => insert(`big${index}`, 400_000));
    await endpoint.writer.write([...many, insert("i0"), ...big, insert("i0")]);
    expect(endpoint.calls.flat().sort()).toEqual([...many, insert("i0"), ...big, insert("i0")].map(idOf).sort());
    for (const call of endpoint.calls) {
      expect(call.length).toBeLessThanOrEqual(25);
      expect(call.filter((id) => id.startsWith("big")).length).toBeLessThanOrEqual(10);
      expect(new Set(call).size).toBe(call.length);
    }
  });

  it("a throttled write is not overtaken by a later one to the same item", async () => {
    await using endpoint = await scripted((ids, call) =>
      ids.map((id) => (id === "x" && call < 3 ? fault("ThrottlingError") : done)),
    );
    const remove: ConditionalWrite = { kind: "delete", table, key: insert("x").key };
    await endpoint.writer.write([insert("x"), insert("y"), remove, insert("z")]);
    expect(endpoint.calls).toEqual([["x", "y", "z"], ["x"], ["x"], ["x"]]);
    expect(endpoint.verbs).toEqual([["INSERT", "INSERT", "INSERT"], ["INSERT"], ["INSERT"], ["DELETE"]]);
  });

  it("a call refused as a whole for one statement is taken apart, so that only that one fails", async () => {
    const refusal = {
      status: 400,
      body: { __type: "com.amazon.coral.validate#ValidationException", message: "canary" },
    };
    await using endpoint = await scripted((ids) => (ids.includes("bad") ? refusal : ids.map(() => done)));
    const results = await endpoint.writer.write([insert("a"), insert("bad"), insert("c")]);
    expect(results).toMatchObject([
      { kind: "done" },
      { kind: "failed", error: { code: "STORE_REQUEST_INVALID" } },
      { kind: "done" },
    ]);
    expect(JSON.stringify(results)).not.toContain("canary");
  });

  it("a call that fails as a whole fails its writes retryably, and no others", async () => {
    const denied = { status: 400, body: { __type: "x#AccessDeniedException", message: "no" } };
    await using endpoint = await scripted((ids) => (ids.includes("a") ? denied : ids.map(() => done)));
    const first = Array.from({ length: 25 }, (_, index) => insert(index === 0 ? "a" : `n${index}`));
    const results = await endpoint.writer.write([...first, insert("other")]);
    expect(results.slice(0, 25)).toEqual(
      first.map(() => ({ kind: "failed", error: expect.objectContaining({ code: "STORE_DENIED", retryable: true }) })),
    );
    expect(results[25]).toEqual({ kind: "done" });
  });

  it.each([
    ["ConditionalCheckFailed", { kind: "conflict" }],
    ["DuplicateItem", { kind: "conflict" }],
    ["ValidationError", { kind: "failed", error: { code: "STORE_REQUEST_INVALID", retryable: false } }],
    ["ItemCollectionSizeLimitExceeded", { kind: "failed", error: { code: "STORE_REQUEST_INVALID" } }],
    ["AccessDenied", { kind: "failed", error: { code: "STORE_DENIED", retryable: true } }],
    ["ResourceNotFound", { kind: "failed", error: { code: "STORE_TABLE_MISSING" } }],
    ["SomethingNew", { kind: "failed", error: { code: "STORE_REQUEST_INVALID", context: { reason: "SomethingNew" } } }],
  ])("a statement answered by %s is told apart and not sent again", async (code, expected) => {
    await using endpoint = await scripted((ids) => ids.map(() => fault(code)));
    expect(await endpoint.writer.write([insert("a")])).toMatchObject([expected]);
    expect(endpoint.calls).toHaveLength(1);
  });

  it("a statement that gets no answer fails retryably", async () => {
    await using endpoint = await scripted(() => [done]);
    const results = await endpoint.writer.write([insert("a"), insert("b")]);
    expect(results).toMatchObject([
      { kind: "done" },
      { kind: "failed", error: { code: "STORE_UNAVAILABLE", retryable: true } },
    ]);
  });
});

function idOf(write: ConditionalWrite): string {
  return write.key.recordId?.S ?? "";
}
