/** Writes that took effect and whose answer was lost: the SDK sends them again, and they meet themselves. */

import { hash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDekStore } from "../deks/dek-store.ts";
import type { StoredDek } from "../deks/dek-types.ts";
import { createRecordStore } from "../records/record-store.ts";
import type { RecordWrite, StoredRecord } from "../records/record-types.ts";
import { createStateStore } from "../state/state-store.ts";
import { type Backend, startBackend } from "../testing/backend.ts";
import { localClient } from "../testing/local-client.ts";
import { sampleDek, sampleRecord, sampleWrap } from "../testing/samples.ts";
import { type ScriptedCall, startScriptedEndpoint } from "../testing/scripted-endpoint.ts";
import { createConditionalWriter } from "../writer/create-writer.ts";

const at = "2026-11-23T10:00:00.000Z";
let backend: Backend;

beforeAll(async () => {
  backend = await startBackend("dynalite");
});
afterAll(() => backend[Symbol.asyncDispose]());

/** Stores that never hear the first answer to a write. */
async function forgetfulStores() {
  const { tables } = await backend.subject("single");
  const heard = new Set<string>();
  let lost = 0;
  const script = async ({ operation, input, forward }: ScriptedCall) => {
    const answer = await forward();
    const write = JSON.stringify(input);
    const tookEffect = /^(Put|Update|Delete)Item$/.test(operation) && answer.status === 200;
    if (!tookEffect || heard.has(write)) return answer;
    heard.add(write);
    lost += 1;
    return { status: 500, body: { __type: "com.amazonaws.dynamodb.v20120810#InternalServerError" } };
  };
  const server = await startScriptedEndpoint(script, backend.endpoint);
  const client = localClient(server.endpoint);
  const writer = createConditionalWriter({ client, mode: "single", logger: { info: () => undefined } });
  return {
    deks: createDekStore({ client, writer, tables }),
    records: createRecordStore({ client, writer, tables }),
    state: createStateStore({ client, tables }),
    lost: () => lost,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe("a write whose answer was lost", () => {
  it("of a DEK's or wrap's copy finds it there: the same, never a conflict", async () => {
    await using stores = await forgetfulStores();
    const dek: StoredDek = { ...sampleDek(), status: "active" };
    const wrap = { ...sampleWrap(), dekId: dek.dekId };
    expect(await stores.deks.putWrapCopy(dek.dekId, wrap, "absent")).toBe("same");
    expect(await stores.deks.putDekCopy(dek)).toBe("same");
    const retiring = { ...dek, status: "retiring", statusAt: at } as const;
    expect(await stores.deks.putDekCopy(retiring)).toBe("same");
    const next = { ...wrap, blob: randomBytes(184) };
    expect(await stores.deks.putWrapCopy(dek.dekId, next, { blob: wrap.blob })).toBe("same");
    expect(await stores.deks.get(dek.dekId, wrap.region)).toEqual({ dek: retiring, wrap: next });
    expect(stores.lost()).toBe(4);
  });

  it("of a record's copy finds it there: the same, never a conflict", async () => {
    await using stores = await forgetfulStores();
    const record = storedRecord(sampleRecord());
    const first = storedRecord({ ...record, sealId: "ab".repeat(24) });
    expect(await stores.records.putCopy(first, "absent")).toBe("same");
    expect(await stores.records.putCopy(record, { sealId: first.sealId })).toBe("same");
    expect(await stores.records.get(record.recordId)).toEqual(record);
    expect(stores.lost()).toBe(2);
  });

  it("of a birth with more wraps than one is accepted", async () => {
    await using stores = await forgetfulStores();
    const [dek, wrap] = [sampleDek(), sampleWrap()];
    await stores.deks.insert(dek, wrap, { moreWraps: [sampleWrap({ region: "eu-west-1" })] });
    expect(await stores.deks.get(dek.dekId, "eu-west-1")).toMatchObject({ dek });
    expect(stores.lost()).toBe(3);
  });

  it("of a home is stored, and of a scan's checkpoint is saved", async () => {
    await using stores = await forgetfulStores();
    const home = { profile: "pii", region: "eu-west-1", epoch: 2, since: at };
    expect(await stores.state.putHome(home, { epoch: undefined })).toBe("stored");
    expect(await stores.state.putHome({ ...home, epoch: 3 }, { epoch: 2 })).toBe("stored");
    const start = { name: "replicas", segment: { index: 0, of: 1 }, counts: {}, startedAt: at, seq: 0 };
    const saved = await stores.state.saveScan(start);
    expect(saved).toEqual({ kind: "saved", checkpoint: { ...start, seq: 1 } });
    expect(await stores.state.saveScan({ ...start, seq: 1 })).toMatchObject({ kind: "saved" });
    expect(stores.lost()).toBe(4);
  });
});

/** As it would be in another Region. */
function storedRecord(record: RecordWrite): StoredRecord {
  return { ...record, digest: hash("sha256", record.envelope), createdAt: at };
}
