import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeWrapStore } from "../../contract/index.ts";
import { createStateStore } from "../../state/state-store.ts";
import { type Backend, startBackend } from "../../testing/backend.ts";
import { localClient } from "../../testing/local-client.ts";
import { startScriptedEndpoint } from "../../testing/scripted-endpoint.ts";
import { ownedWraps, swapOf } from "../../testing/wraps/sample-wraps.ts";
import { transitSubject } from "../../testing/wraps/transit-subject.ts";
import { createTransitWrapStore } from "./transit-wrap-store.ts";

describe("the wraps of transit keys, on the embedded DynamoDB", () => {
  let backend: Backend;

  beforeAll(async () => {
    backend = await startBackend("dynalite");
  });
  afterAll(() => backend[Symbol.asyncDispose]());

  describeWrapStore(async () => transitSubject(await backend.subject("single")));

  it("what a campaign swapped is what the state store reads; other Regions' wraps stay", async () => {
    const { client, tables } = await backend.subject("single");
    const state = createStateStore({ client, tables });
    const wraps = {
      "us-east-1": { keyArn: "arn:one", material: "ab", blob: randomBytes(100) },
      "eu-west-1": { keyArn: "arn:two", blob: randomBytes(100) },
    };
    const key = {
      id: "k1",
      publicKey: randomBytes(32),
      wraps,
      status: "active",
      createdAt: "2026-11-23T10:00:00.000Z",
    } as const;
    await state.putTransitKey(key);

    const { next } = swapOf({ id: key.id, blob: wraps["us-east-1"].blob });
    const { material: _, ...other } = swapOf({ id: key.id, blob: wraps["eu-west-1"].blob }).next;
    const swapIn = (region: keyof typeof wraps, to: typeof other) =>
      createTransitWrapStore({ client, tables, region }).swap([{ id: key.id, oldBlob: wraps[region].blob, next: to }]);
    const outcomes = await Promise.all([swapIn("us-east-1", next), swapIn("eu-west-1", other)]);
    expect(outcomes.flat()).toEqual([{ kind: "swapped" }, { kind: "swapped" }]);
    expect(await state.getTransitKey(key.id)).toEqual({ ...key, wraps: { "us-east-1": next, "eu-west-1": other } });
  });

  it("a swap whose answer was lost on the way is swapped: the SDK sends it again, and it meets itself", async () => {
    const subject = await backend.subject("single");
    const wraps = ownedWraps(2);
    const ids = await transitSubject(subject).put(wraps);
    let lost = 0;
    await using endpoint = await startScriptedEndpoint(async ({ operation, forward }) => {
      const answer = await forward();
      if (operation !== "UpdateItem" || lost >= ids.length) return answer;
      lost += 1;
      return { status: 500, body: { __type: "InternalServerError" } };
    }, backend.endpoint);
    const client = localClient(endpoint.endpoint);
    try {
      const store = createTransitWrapStore({ client, tables: subject.tables, region: "us-east-1" });
      const swaps = wraps.map(({ blob }, index) => swapOf({ id: ids[index] ?? "", blob }));
      expect(await store.swap(swaps)).toEqual(swaps.map(() => ({ kind: "swapped" })));
      expect(lost).toBe(2);
    } finally {
      client.destroy();
    }
  });

  it("what is no Region is refused", async () => {
    const { client, tables } = await backend.subject("single");
    expect(() => createTransitWrapStore({ client, tables, region: "" })).toThrow(
      expect.objectContaining({ code: "STORE_VALUE_INVALID" }),
    );
  });
});
