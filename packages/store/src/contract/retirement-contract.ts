/** What the store guarantees of retirements and of rotations that were dealt with, on every endpoint. */

import { randomUUID } from "node:crypto";
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, it } from "vitest";
import type { Retirement } from "../state/retirement-types.ts";
import type { HandledRotation } from "../state/rotation-types.ts";
import { createStateStore } from "../state/state-store.ts";
import type { StateStore } from "../state/state-types.ts";
import type { ContractSetup, ContractSubject } from "./contract-subject.ts";

const at = "2026-11-23T10:00:00.000Z";
const first = { version: undefined };

export function describeRetirements(setup: ContractSetup): void {
  describe("retirements", () => {
    let subject: ContractSubject;
    let store: StateStore;

    beforeAll(async () => {
      subject = await setup();
      store = createStateStore(subject);
    });

    it("one comes back as it went in, with what was added later, and is listed", async () => {
      const begun = retirement();
      expect(await store.getRetirement(begun.keyArn)).toBeUndefined();
      expect(await store.putRetirement(begun, first)).toEqual({ ...begun, version: 1 });
      const done = { ...begun, emptyAt: at, disabledAt: at, deletionAt: at, notes: [...begun.notes, note("disabled")] };
      expect(await store.putRetirement(done, { version: 1 })).toEqual({ ...done, version: 2 });
      expect(await store.getRetirement(begun.keyArn)).toEqual({ ...done, version: 2 });
      expect(await store.listRetirements()).toContainEqual({ ...done, version: 2 });
    });

    it("of several that were decided on one reading, one is written, and the others are told", async () => {
      const begun = retirement();
      const starts = await Promise.allSettled(
        ["ann", "bob", "eve"].map((startedBy) => store.putRetirement({ ...begun, startedBy }, first)),
      );
      const written = starts.filter(({ status }) => status === "fulfilled");
      expect(written).toHaveLength(1);
      expect(await store.getRetirement(begun.keyArn)).toEqual(written[0]?.status === "fulfilled" && written[0].value);
      await store.putRetirement({ ...begun, disabledAt: at }, { version: 1 });
      for (const version of [undefined, 1, 3]) {
        await expect(store.putRetirement(begun, { version })).rejects.toMatchObject({
          code: "STORE_RETIREMENT_CHANGED",
          retryable: true,
          context: { keyArn: begun.keyArn, version: 2 },
        });
      }
      expect(await store.getRetirement(begun.keyArn)).toMatchObject({ version: 2, disabledAt: at });
    });

    it("the same write again is accepted: its answer may have been lost", async () => {
      const begun = retirement();
      const once = await store.putRetirement(begun, first);
      expect(await store.putRetirement(begun, first)).toEqual(once);
      expect(await store.getRetirement(begun.keyArn)).toEqual(once);
    });

    it("notes are kept short: the newest 50, each cut at no half character", async () => {
      const notes = Array.from({ length: 60 }, (_, index) => note(`${index} ${"x".repeat(496)}🔑`));
      const stored = await store.putRetirement({ ...retirement(), notes }, first);
      expect(stored.notes).toHaveLength(50);
      expect(stored.notes[0]?.what.startsWith("10 ")).toBe(true);
      expect(stored.notes.every(({ what }) => what.length === 500 && what.isWellFormed())).toBe(true);
      expect(await store.getRetirement(stored.keyArn)).toEqual(stored);
    });

    it("days that are no whole number are refused, and an item of another shape is malformed", async () => {
      const odd = { ...retirement(), backupsDays: 1.5 };
      await expect(store.putRetirement(odd, first)).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
      const elsewhere = await setup();
      const state = createStateStore(elsewhere);
      const Item = { kind: { S: "retirement" }, id: { S: "bent" }, version: { N: "1" } };
      await elsewhere.client.send(new PutItemCommand({ TableName: elsewhere.tables.state, Item }));
      const malformed = { code: "STORE_ITEM_MALFORMED", context: { id: "bent" } };
      await expect(state.getRetirement("bent")).rejects.toMatchObject(malformed);
      await expect(state.listRetirements()).rejects.toMatchObject(malformed);
    });
  });

  describe("rotations that were dealt with", () => {
    let store: StateStore;

    beforeAll(async () => {
      store = createStateStore(await setup());
    });

    it("one of many that claim a key's new material gets it, and everybody finds whose it is", async () => {
      const { keyId, material } = rotation();
      const entries = Array.from({ length: 8 }, (_, index) => ({
        ...rotation(),
        keyId,
        material,
        campaignId: `c${index}`,
      }));
      const claimed = await Promise.all(entries.map((entry) => store.claimRotation(entry)));
      expect(claimed.filter(Boolean)).toHaveLength(1);
      const winner = entries[claimed.indexOf(true)];
      expect(await store.getRotation(keyId, material)).toEqual(winner);
      for (const entry of entries) expect(await store.claimRotation(entry)).toBe(false);
      expect(await store.getRotation(keyId, material)).toEqual(winner);
    });

    it("each material of a key is a rotation of its own, and no other key's", async () => {
      const { keyId } = rotation();
      const baseline: HandledRotation = { keyId, material: "aa", at, reason: "baseline" };
      const next: HandledRotation = { keyId, material: "bb", at, reason: "campaign", campaignId: "c1" };
      expect(await store.claimRotation(next)).toBe(true);
      expect(await store.claimRotation(baseline)).toBe(true);
      expect(await store.claimRotation({ ...baseline, keyId: `${keyId}#` })).toBe(true);
      expect(await store.listRotations(keyId)).toEqual([baseline, next]);
      expect(await store.getRotation(keyId, "cc")).toBeUndefined();
      expect(await store.listRotations("mrk-unknown")).toEqual([]);
    });

    it("a claim for a campaign whose id is none is refused", async () => {
      const entry = { ...rotation(), campaignId: "c#1" };
      await expect(store.claimRotation(entry)).rejects.toMatchObject({ code: "STORE_VALUE_INVALID" });
      expect(await store.getRotation(entry.keyId, entry.material)).toBeUndefined();
    });
  });
}

function retirement(): Omit<Retirement, "version"> {
  return {
    keyArn: `arn:aws:kms:us-east-1:000000000000:key/${randomUUID()}`,
    startedAt: at,
    startedBy: "ann",
    backupsDays: 35,
    soakUntil: "2027-01-01T00:00:00.000Z",
    notes: [note("begun")],
  };
}

function note(what: string) {
  return { at, actor: "ann", what };
}

function rotation(): HandledRotation {
  return { keyId: `mrk-${randomUUID()}`, material: "ab".repeat(32), at, reason: "campaign" };
}
