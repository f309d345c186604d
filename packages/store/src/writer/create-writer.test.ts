import { afterEach, describe, expect, it } from "vitest";
import { localClient } from "../testing/embedded-dynamodb.ts";
import { type ScriptedAnswer, startScriptedEndpoint } from "../testing/scripted-endpoint.ts";
import type { ConditionalWrite } from "./conditional-write.ts";
import { createConditionalWriter } from "./create-writer.ts";

const insert = (id: string): ConditionalWrite => ({
  kind: "insert",
  table: "test-records",
  key: { recordId: { S: id }, item: { S: "head" } },
  item: { envelope: { B: Buffer.alloc(1) } },
});

const refusal = (name: string): ScriptedAnswer => ({ status: 400, body: { __type: `x#${name}` } });
const missing: ScriptedAnswer = { body: { Responses: [{ Error: { Code: "ResourceNotFound", Message: "no" } }] } };
const written: ScriptedAnswer = { body: { Responses: [{}] } };

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each[Symbol.asyncDispose]();
});

/** A writer on an endpoint that answers the probe and the writes as told; `calls` says which of both came. */
async function scripted(answer: (kind: "probe" | "write", call: number) => ScriptedAnswer) {
  const calls: ("probe" | "write")[] = [];
  const modes: unknown[] = [];
  const server = await startScriptedEndpoint(({ input }) => {
    const kind = JSON.stringify(input).includes("dekhand-probe") ? "probe" : "write";
    calls.push(kind);
    return answer(kind, calls.length);
  });
  const client = localClient(server.endpoint);
  opened.push({
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server[Symbol.asyncDispose]();
    },
  });
  const logger = { info: (fields: unknown) => void modes.push(fields) };
  return { calls, modes, writer: createConditionalWriter({ client, logger }) };
}

describe("a conditional writer", () => {
  it("contacts nothing before its first write, which finds out how to write; the next ones know", async () => {
    const { calls, modes, writer } = await scripted((kind) => (kind === "probe" ? missing : written));
    expect(writer.mode).toBeUndefined();
    expect(await writer.write([])).toEqual([]);
    expect(calls).toEqual([]);
    for (const id of ["a", "b"]) expect(await writer.write([insert(id)])).toEqual([{ kind: "done" }]);
    expect(calls).toEqual(["probe", "write", "write"]);
    expect(writer.mode).toBe("batch");
    expect(modes).toEqual([{ writeMode: "batch", probed: true }]);
  });

  it("asks once for all who write at the same time", async () => {
    const { calls, writer } = await scripted((kind) => (kind === "probe" ? missing : written));
    const results = await Promise.all(["a", "b", "c"].map((id) => writer.write([insert(id)])));
    expect(results).toEqual(["a", "b", "c"].map(() => [{ kind: "done" }]));
    expect(calls.filter((call) => call === "probe")).toHaveLength(1);
  });

  it.each([
    ["an error inside HTTP 200", missing, "batch"],
    ["a refusal of the statement", refusal("ValidationException"), "batch"],
    ["a refused permission", refusal("AccessDeniedException"), "batch"],
    ["UnknownOperationException", refusal("UnknownOperationException"), "single"],
  ] as const)("takes %s for %3$s mode", async (_, answer, mode) => {
    const { writer } = await scripted(() => answer);
    expect(await writer.probe()).toBe(mode);
    expect(writer.mode).toBe(mode);
  });

  it("does not decide for an endpoint that knows no such credentials, and asks again with the next write", async () => {
    const { writer } = await scripted((kind, call) => {
      if (call === 1) return refusal("UnrecognizedClientException");
      return kind === "probe" ? missing : written;
    });
    expect(await writer.write([insert("a"), insert("b")])).toMatchObject([
      { kind: "failed", error: { code: "STORE_DENIED", retryable: true } },
      { kind: "failed", error: { code: "STORE_DENIED" } },
    ]);
    expect(writer.mode).toBeUndefined();
    expect(await writer.write([insert("a")])).toEqual([{ kind: "done" }]);
  });

  it("fails its writes retryably where the endpoint cannot be reached, and a probe with the same", async () => {
    const nowhere = localClient("http://127.0.0.1:9");
    const writer = createConditionalWriter({ client: nowhere, logger: { info: () => {} } });
    const away = { code: "STORE_UNAVAILABLE", retryable: true };
    expect(await writer.write([insert("a")])).toMatchObject([{ kind: "failed", error: away }]);
    await expect(writer.probe()).rejects.toMatchObject(away);
    nowhere.destroy();
  });

  it("is given up by the one whose signal aborts, and goes on for the others", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    const { writer } = await scripted((kind) => {
      if (kind === "probe") stop.abort(reason);
      return kind === "probe" ? missing : written;
    });
    const [givenUp, other] = await Promise.all([
      writer.write([insert("a")], { signal: stop.signal }),
      writer.write([insert("b")]),
    ]);
    expect(givenUp).toMatchObject([{ kind: "failed", error: { code: "STORE_CANCELLED", cause: reason } }]);
    expect(other).toEqual([{ kind: "done" }]);
  });
});
