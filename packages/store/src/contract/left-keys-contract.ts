/** What marks on keys that campaigns have left guarantee on every endpoint. */

import { randomUUID } from "node:crypto";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createStateStore } from "../state/state-store.ts";
import type { StateStore } from "../state/state-types.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";

const early = "2026-11-23T10:00:00.000Z";
const late = "2026-11-23T11:00:00.000Z";

export function describeLeftKeys(setup: ContractSetup): void {
  describe("keys that campaigns left", () => {
    let subject: ContractSubject;
    let store: StateStore;
    let clock = Date.parse(early);
    let a: string;
    let b: string;

    beforeAll(async () => {
      subject = await setup();
      store = createStateStore({ ...subject, now: () => new Date(clock++) });
    });
    beforeEach(() => {
      [a, b] = [keyArn(), keyArn()];
    });

    it("a mark is found by whoever asks after it was put, keeps its first time, and stands for its key only", async () => {
      expect(await store.leftKey(a)).toBeUndefined();
      await store.leaveKey({ keyArn: a, campaignId: "c1", at: early });
      await store.leaveKey({ keyArn: a, campaignId: "c1", at: late });
      expect(await store.leftKey(a)).toEqual({ keyArn: a, campaignId: "c1", at: early });
      expect(await store.leftKey(b)).toBeUndefined();
    });

    it("a key is left as long as one campaign's mark stands: another's return takes away its own only", async () => {
      await store.leaveKey({ keyArn: a, campaignId: "second", at: late });
      await store.leaveKey({ keyArn: a, campaignId: "first", at: early });
      expect(await store.leftKey(a)).toMatchObject({ campaignId: "first" });
      await store.returnToKey(a, { campaignId: "second", marks: "own" });
      await store.returnToKey(a, { campaignId: "stranger", marks: "own" });
      expect(await store.leftKey(a)).toMatchObject({ campaignId: "first" });
      await store.returnToKey(a, { campaignId: "first", marks: "own" });
      expect(await store.leftKey(a)).toBeUndefined();
    });

    it("marks of many campaigns put at once all stand, and all are listed", async () => {
      const ids = Array.from({ length: 5 }, (_, index) => `many-${index}`);
      await Promise.all(ids.map((campaignId) => store.leaveKey({ keyArn: a, campaignId, at: early })));
      const listed = (await store.listLeftKeys()).filter((mark) => mark.keyArn === a);
      expect(listed).toEqual(ids.map((campaignId) => ({ keyArn: a, campaignId, at: early })));
    });

    it("going from A to B, back to A and to B again leaves the right key each time", async () => {
      await store.leaveKey({ keyArn: a, campaignId: "go", at: early });
      await store.returnToKey(a, { campaignId: "back", marks: "all" });
      await store.leaveKey({ keyArn: b, campaignId: "back", at: early });
      expect([await store.leftKey(a), await store.leftKey(b)]).toEqual([
        undefined,
        { keyArn: b, campaignId: "back", at: early },
      ]);
      await store.returnToKey(b, { campaignId: "again", marks: "all" });
      await store.leaveKey({ keyArn: a, campaignId: "again", at: late });
      expect([await store.leftKey(a), await store.leftKey(b)]).toEqual([
        { keyArn: a, campaignId: "again", at: late },
        undefined,
      ]);
    });

    it("a zombie's mark is refused once its campaign has returned, by itself or by a campaign back to the key", async () => {
      await store.returnToKey(a, { campaignId: "cancelled", marks: "own" });
      await store.leaveKey({ keyArn: a, campaignId: "go", at: early });
      await store.returnToKey(a, { campaignId: "back", marks: "all" });
      for (const campaignId of ["cancelled", "go", "back"]) {
        await expect(store.leaveKey({ keyArn: a, campaignId, at: late })).rejects.toMatchObject({
          code: "STORE_KEY_RETURNED",
          retryable: false,
          context: { keyArn: a, campaignId },
        });
      }
      expect(await store.leftKey(a)).toBeUndefined();
    });

    it("a zombie's return takes away no mark that was put after it", async () => {
      await store.returnToKey(a, { campaignId: "back", marks: "all" });
      await store.leaveKey({ keyArn: a, campaignId: "again", at: late });
      await store.returnToKey(a, { campaignId: "back", marks: "all" });
      await store.returnToKey(a, { campaignId: "back", marks: "own" });
      expect(await store.leftKey(a)).toMatchObject({ campaignId: "again" });
    });

    it("of campaigns that returned only the newest are remembered; marks that stand never give way", async () => {
      await store.leaveKey({ keyArn: a, campaignId: "stays", at: early });
      for (let index = 0; index < 25; index += 1) {
        await store.returnToKey(a, { campaignId: `returned-${index}`, marks: "own" });
      }
      expect(await store.leftKey(a)).toMatchObject({ campaignId: "stays" });
      const leave = (campaignId: string) => store.leaveKey({ keyArn: a, campaignId, at: late });
      for (const index of [5, 24]) {
        await expect(leave(`returned-${index}`)).rejects.toMatchObject({ code: "STORE_KEY_RETURNED" });
      }
      await leave("returned-4");
    });

    it.each([
      ["has no marks", {}],
      ["has marks of no known state", { version: { N: "1" }, campaigns: { M: { c1: { M: { state: { S: "x" } } } } } }],
    ])("an item that %s is malformed, never a key that is not left", async (_, attributes) => {
      const elsewhere = await setup();
      const state = createStateStore(elsewhere);
      const Item = { kind: { S: "left" }, id: { S: a }, ...attributes };
      await elsewhere.client.send(new PutItemCommand({ TableName: elsewhere.tables.state, Item }));
      const malformed = { code: "STORE_ITEM_MALFORMED", context: { id: a } };
      await expect(state.leftKey(a)).rejects.toMatchObject(malformed);
      await expect(state.listLeftKeys()).rejects.toMatchObject(malformed);
    });

    it("a campaign's id that is none is refused", async () => {
      const invalid = { code: "STORE_VALUE_INVALID" };
      await expect(store.leaveKey({ keyArn: a, campaignId: "", at: early })).rejects.toMatchObject(invalid);
      await expect(store.returnToKey(a, { campaignId: "a b", marks: "own" })).rejects.toMatchObject(invalid);
      expect(await store.leftKey(a)).toBeUndefined();
    });
  });
}

function keyArn(): string {
  return `arn:aws:kms:us-east-1:000000000000:key/${randomUUID()}`;
}
