/** How far retirements of KMS keys have come; every write is conditional on what was read. */

import { isDeepStrictEqual } from "node:util";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { cut } from "../campaigns/campaign-items.ts";
import { StoreError } from "../errors.ts";
import { integer, text } from "../items/write-values.ts";
import type { Retirement, RetirementNote, RetirementStore } from "./retirement-types.ts";
import { open, type StateItem, stateKey } from "./state-items.ts";
import type { StateTable } from "./state-table.ts";

const retirementKind = "retirement";
const maxNotes = 50;
const maxNoteLength = 500;

export function createRetirements(table: StateTable): RetirementStore {
  const store: RetirementStore = {
    async getRetirement(keyArn, options = {}) {
      const item = await table.get(retirementKind, keyArn, options);
      return item && readRetirement(item);
    },
    async putRetirement(next, { version = 0 }, options = {}) {
      const retirement = { ...next, notes: next.notes.slice(-maxNotes).map(noteOf), version: version + 1 };
      if (await table.replace(retirementItem(retirement), version, options)) return retirement;
      // A write whose answer was lost is sent again by the SDK and then meets itself.
      const stored = await store.getRetirement(next.keyArn, options);
      if (isDeepStrictEqual(stored, retirement)) return retirement;
      throw new StoreError("STORE_RETIREMENT_CHANGED", "the key's retirement is no longer as it was read", {
        retryable: true,
        context: { keyArn: next.keyArn, version: stored?.version ?? 0 },
      });
    },
    async listRetirements(options = {}) {
      return (await table.all(retirementKind, options)).map(readRetirement);
    },
  };
  return store;
}

function retirementItem(retirement: Retirement): StateItem {
  const { keyArn, version, startedAt, startedBy, backupsDays, soakUntil, notes } = retirement;
  const { emptyAt, disabledAt, deletionAt } = retirement;
  return {
    ...stateKey(retirementKind, keyArn),
    version: integer(version),
    startedAt: text(startedAt),
    startedBy: text(startedBy),
    backupsDays: integer(requireDays(backupsDays)),
    soakUntil: text(soakUntil),
    ...(emptyAt === undefined ? {} : { emptyAt: text(emptyAt) }),
    ...(disabledAt === undefined ? {} : { disabledAt: text(disabledAt) }),
    ...(deletionAt === undefined ? {} : { deletionAt: text(deletionAt) }),
    notes: { L: notes.map(noteValue) },
  };
}

function readRetirement(item: StateItem): Retirement {
  const reader = open(item);
  const emptyAt = reader.optionalText("emptyAt");
  const disabledAt = reader.optionalText("disabledAt");
  const deletionAt = reader.optionalText("deletionAt");
  const notes = item.notes?.L?.map(readNote);
  return {
    keyArn: reader.text("id"),
    version: reader.integer("version", 1),
    startedAt: reader.text("startedAt"),
    startedBy: reader.text("startedBy"),
    backupsDays: reader.integer("backupsDays"),
    soakUntil: reader.text("soakUntil"),
    ...(emptyAt === undefined ? {} : { emptyAt }),
    ...(disabledAt === undefined ? {} : { disabledAt }),
    ...(deletionAt === undefined ? {} : { deletionAt }),
    notes: (notes ?? [undefined]).map((note) => {
      if (note === undefined) throw reader.malformed("notes");
      return note;
    }),
  };
}

function noteOf({ at, actor, what }: RetirementNote): RetirementNote {
  return { at, actor: cut(actor, maxNoteLength), what: cut(what, maxNoteLength) };
}

const noteValue = ({ at, actor, what }: RetirementNote): AttributeValue => ({
  M: { at: text(at), actor: text(actor), what: text(what) },
});

function readNote({ M: members }: AttributeValue): RetirementNote | undefined {
  const [at, actor, what] = [members?.at?.S, members?.actor?.S, members?.what?.S];
  return at === undefined || actor === undefined || what === undefined ? undefined : { at, actor, what };
}

function requireDays(days: number): number {
  if (Number.isSafeInteger(days) && days >= 0) return days;
  throw new StoreError("STORE_VALUE_INVALID", "the days for which backups are kept are a whole number");
}
