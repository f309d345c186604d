/** What the state store guarantees on every endpoint. */

import { randomBytes, randomUUID } from "node:crypto";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import { quarantineKind, quarantineShard } from "../state/state-items.ts";
import { createStateStore } from "../state/state-store.ts";
import type { Heartbeat, QuarantineEntry, StateStore, TransitKey } from "../state/state-types.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";

const at = "2026-11-23T10:00:00.000Z";

export function describeStateStore(setup: ContractSetup): void {
  describe("state store", () => {
    let subject: ContractSubject;
    let store: StateStore;

    beforeAll(async () => {
      subject = await setup();
      store = createStateStore({ ...subject, now: () => new Date(at) });
    });

    describe("transit keys", () => {
      it("a key comes back as it went in, and is listed", async () => {
        const key = transitKey();
        await store.putTransitKey(key);
        expect(await store.getTransitKey(key.id)).toEqual(key);
        expect(await store.listTransitKeys()).toContainEqual(key);
        expect(await store.getTransitKey("unknown")).toBeUndefined();
      });

      it("the same key again is accepted; another key of that id is refused and changes nothing", async () => {
        const key = transitKey();
        await store.putTransitKey(key);
        await store.putTransitKey(key);
        await expect(store.putTransitKey(transitKey(key.id))).rejects.toMatchObject({
          code: "STORE_TRANSIT_KEY_EXISTS",
        });
        expect(await store.getTransitKey(key.id)).toEqual(key);
      });

      it("a wrap of another shape is refused", async () => {
        const Item = {
          kind: { S: "transit" },
          id: { S: "bent" },
          publicKey: { B: randomBytes(32) },
          status: { S: "active" },
        };
        const wraps = { M: { "us-east-1": { M: { keyArn: { S: "arn" } } } } };
        const elsewhere = createStateStore(await setup());
        await subject.client.send(
          new PutItemCommand({ TableName: subject.tables.state, Item: { ...Item, wraps, createdAt: { S: at } } }),
        );
        await expect(store.getTransitKey("bent")).rejects.toMatchObject({
          code: "STORE_ITEM_MALFORMED",
          context: { id: "bent", attribute: "wraps" },
        });
        expect(await elsewhere.listTransitKeys()).toEqual([]);
      });
    });

    describe("quarantine", () => {
      it("an entry comes back as it went in, replaces itself, and goes when it is deleted", async () => {
        const entry: QuarantineEntry = {
          id: randomUUID(),
          source: "bullmq",
          queue: "dekhand-encrypt",
          jobId: "j1",
          recordId: "r1",
          code: "JOBS_PLAIN_PAYLOAD",
          message: "a plain payload is not taken from Redis",
          digest: "ab".repeat(32),
          at,
        };
        await store.putQuarantine(entry);
        await store.putQuarantine({ ...entry, message: "again" });
        expect(await store.getQuarantine(entry.id)).toEqual({ ...entry, message: "again" });
        await store.deleteQuarantine(entry.id);
        await store.deleteQuarantine(entry.id);
        expect(await store.getQuarantine(entry.id)).toBeUndefined();
      });

      it("pages of any size give every entry once, and an unreadable one hides no other", async () => {
        const fresh = await setup();
        const state = createStateStore(fresh);
        expect(await state.listQuarantine()).toEqual({ entries: [], malformed: [] });
        const ids = Array.from({ length: 40 }, (_, index) => `job-${index}`);
        await Promise.all(ids.map((id) => state.putQuarantine(quarantineEntry(id))));
        const Item = { kind: { S: quarantineKind(quarantineShard("bent")) }, id: { S: "bent" }, source: { N: "1" } };
        await fresh.client.send(new PutItemCommand({ TableName: fresh.tables.state, Item }));

        for (const limit of [1, 7, 41, 100]) {
          const { entries, malformed } = await allPages(state, limit);
          expect(entries.map(({ id }) => id).sort()).toEqual([...ids].sort());
          expect(malformed).toEqual(["bent"]);
        }
      });

      it.each(["x", "99", "1.!", "-1", ""])("a cursor that is none of ours (%j) is refused", async (cursor) => {
        await expect(store.listQuarantine({ cursor })).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
      });

      it("a message too long for a reason is cut, at no half character", async () => {
        const entry = { ...quarantineEntry("long"), message: `${"x".repeat(1999)}🔑tail` };
        await store.putQuarantine(entry);
        const { message = "" } = (await store.getQuarantine("long")) ?? {};
        expect(message.startsWith("x".repeat(1999))).toBe(true);
        expect(message.length).toBe(2000);
        expect(message.isWellFormed()).toBe(true);
      });

      it.each([
        ["empty", ""],
        ["too long", "k".repeat(1025)],
        ["not well-formed", "\ud800"],
      ])("an id that is %s is refused before anything is sent", async (_, id) => {
        await expect(store.putQuarantine(quarantineEntry(id))).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
      });
    });

    it("heartbeats are one per worker, the newest, until they are deleted", async () => {
      const beat: Heartbeat = {
        workerId: "w1",
        service: "encryptor",
        version: "0.1.0",
        at,
        keys: { pii: { "us-east-1": "arn:one" }, ["__proto__"]: { "eu-west-1": "arn:two" } },
      };
      await store.putHeartbeat(beat);
      const later = { ...beat, at: "2026-11-23T10:00:10.000Z" };
      await store.putHeartbeat(later);
      await store.putHeartbeat({ ...beat, workerId: "w2", keys: {} });
      expect(await store.listHeartbeats()).toEqual([later, { ...beat, workerId: "w2", keys: {} }]);
      await store.deleteHeartbeat("w1");
      expect((await store.listHeartbeats()).map(({ workerId }) => workerId)).toEqual(["w2"]);
    });

    it("a profile gets one home with epoch 1, whoever asks first", async () => {
      const regions = ["us-east-1", "eu-west-1", "ap-southeast-2"];
      const asked = await Promise.all(regions.map((region) => store.getOrCreateHome("pii", region)));
      const stored = await store.getHome("pii");
      expect(stored).toMatchObject({ profile: "pii", epoch: 1, since: at });
      expect(regions).toContain(stored?.region);
      expect(asked).toEqual(asked.map(() => stored));
      expect(await store.getHome("other")).toBeUndefined();
    });

    it("a call that is aborted throws the signal's reason", async () => {
      const reason = new Error("stopped");
      const options = { signal: AbortSignal.abort(reason) };
      await expect(store.listHeartbeats(options)).rejects.toBe(reason);
      await expect(store.getOrCreateHome("pii", "us-east-1", options)).rejects.toBe(reason);
    });
  });
}

function transitKey(id: string = randomUUID()): TransitKey {
  return {
    id,
    publicKey: randomBytes(32),
    wraps: {
      "us-east-1": { keyArn: "arn:one", blob: randomBytes(200) },
      "eu-west-1": { keyArn: "arn:two", blob: randomBytes(200) },
    },
    status: "active",
    createdAt: at,
  };
}

function quarantineEntry(id: string): QuarantineEntry {
  return { id, source: "sqs", queue: "q", code: "JOBS_BAD", message: "bad", at };
}

async function allPages(state: StateStore, limit: number) {
  const entries: QuarantineEntry[] = [];
  const malformed: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await state.listQuarantine({ limit, cursor });
    expect(page.entries.length + page.malformed.length).toBeLessThanOrEqual(limit);
    entries.push(...page.entries);
    malformed.push(...page.malformed);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return { entries, malformed };
}
