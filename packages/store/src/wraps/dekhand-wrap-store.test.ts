import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeWrapStore } from "../contract/index.ts";
import { createDekStore } from "../deks/dek-store.ts";
import { type Backend, startBackend } from "../testing/backend.ts";
import { localClient } from "../testing/embedded-dynamodb.ts";
import { sampleDek, sampleWrap } from "../testing/samples.ts";
import { startScriptedEndpoint } from "../testing/scripted-endpoint.ts";
import { dekhandSubject } from "../testing/wraps/dekhand-subject.ts";
import { ownedWraps, swapOf } from "../testing/wraps/sample-wraps.ts";
import { createSingleWriter } from "../writer/single-writer.ts";
import { createDekhandWrapStore } from "./dekhand-wrap-store.ts";

describe("Dekhand's wraps, on the embedded DynamoDB", () => {
  let backend: Backend;

  beforeAll(async () => {
    backend = await startBackend("dynalite");
  });
  afterAll(() => backend[Symbol.asyncDispose]());

  describeWrapStore(async () => dekhandSubject(await backend.subject("single")));

  it("what a campaign swapped is what the store of DEKs reads, the campaign's id included", async () => {
    const subject = await backend.subject("single");
    const [deks, dek, wrap] = [createDekStore(subject), sampleDek(), sampleWrap()];
    await deks.insert(dek, wrap);
    const wraps = createDekhandWrapStore({ ...subject, region: wrap.region });
    const { material: _, ...next } = swapOf({ id: dek.dekId, blob: wrap.blob }).next;
    expect(await wraps.swap([{ id: dek.dekId, oldBlob: wrap.blob, next }])).toEqual([{ kind: "swapped" }]);
    expect((await deks.get(dek.dekId, wrap.region))?.wrap).toEqual({
      dekId: dek.dekId,
      region: wrap.region,
      context: wrap.context,
      ...next,
    });
  });

  it("a swap whose answer was lost on the way is swapped: the SDK sends it again, and it meets itself", async () => {
    const subject = await backend.subject("single");
    const { put } = dekhandSubject(subject);
    const wraps = ownedWraps(3);
    const ids = await put(wraps);
    let lost = 0;
    await using endpoint = await startScriptedEndpoint(async ({ operation, forward }) => {
      const answer = await forward();
      if (operation !== "UpdateItem" || lost >= ids.length) return answer;
      lost += 1;
      return { status: 500, body: { __type: "InternalServerError" } };
    }, backend.endpoint);
    const client = localClient(endpoint.endpoint);
    try {
      const { store } = dekhandSubject({ ...subject, client, writer: createSingleWriter(client) });
      const swaps = wraps.map(({ blob }, index) => swapOf({ id: ids[index] ?? "", blob }));
      expect(await store.swap(swaps)).toEqual(swaps.map(() => ({ kind: "swapped" })));
      expect(lost).toBe(3);
    } finally {
      client.destroy();
    }
  });

  it("where it cannot be read what became of a swap, that one has failed and the others are answered", async () => {
    const subject = await backend.subject("single");
    const [stale, sound] = ownedWraps(2);
    if (!stale || !sound) throw new Error("no samples");
    const ids = await dekhandSubject(subject).put([stale, sound]);
    await using endpoint = await startScriptedEndpoint(
      async ({ operation, forward }) =>
        operation === "BatchGetItem" ? { status: 400, body: { __type: "AccessDeniedException" } } : forward(),
      backend.endpoint,
    );
    const client = localClient(endpoint.endpoint);
    try {
      const { store } = dekhandSubject({ ...subject, client, writer: createSingleWriter(client) });
      const swaps = [Buffer.from("another"), sound.blob].map((blob, index) => swapOf({ id: ids[index] ?? "", blob }));
      expect(await store.swap(swaps)).toMatchObject([
        { kind: "failed", error: { code: "STORE_DENIED", retryable: true } },
        { kind: "swapped" },
      ]);
    } finally {
      client.destroy();
    }
  });

  it("a Region that cannot stand in a key is refused", async () => {
    const subject = await backend.subject("single");
    expect(() => createDekhandWrapStore({ ...subject, region: "" })).toThrow(
      expect.objectContaining({ code: "STORE_VALUE_INVALID" }),
    );
  });

  it("a cursor that is none of this table's is refused, not taken for the start", async () => {
    const { store } = dekhandSubject(await backend.subject("single"));
    for (const cursor of ["", "x", "[]", '["a"]', '["a",1]', '["a",""]', "{}"]) {
      const scan = store.scan({ index: 0, of: 1 }, { cursor });
      await expect(scan).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
    }
  });
});
