/**
 * Debt in the `state` table: partition `debt#<region>#<shard>`, sort the item's
 * id, so that a shard is listed by age.
 *
 * A partition takes 1,000 write units a second and an item of 100 ids costs five,
 * to put as to delete. Eight shards therefore carry about 80,000 records a second
 * for each replica Region, in full batches.
 */

import { createHash } from "node:crypto";
import { StoreError } from "../errors.ts";
import type { ItemReader } from "../items/item-reader.ts";
import { MAX_RECORD_ID_BYTES, requireKeyText } from "../items/keys.ts";
import { integer, text } from "../items/write-values.ts";
import type { DebtItem } from "./debt-types.ts";
import { requireEntryId, requireRegionName } from "./entry-id.ts";
import { open, type StateItem, stateKey } from "./state-items.ts";

export const DEBT_SHARDS = 8;
/** Of record ids and of DEK ids each: 100 of the longest are an eighth of what an item may hold. */
export const MAX_DEBT_IDS = 100;
const maxDekIdBytes = 200;

export function debtKinds(region: string): readonly string[] {
  return Array.from({ length: DEBT_SHARDS }, (_, shard) => debtKind(region, shard));
}

export function debtKey(region: string, id: string) {
  return stateKey(debtKind(region, shardOf(id)), id);
}

/** Throws STORE_VALUE_INVALID. */
export function debtItem({ id, region, dekIds, recordIds, at }: DebtItem): StateItem {
  if (dekIds.length > MAX_DEBT_IDS || recordIds.length > MAX_DEBT_IDS) {
    throw new StoreError("STORE_VALUE_INVALID", `a debt item names at most ${MAX_DEBT_IDS} records and as many DEKs`);
  }
  return {
    ...debtKey(region, requireEntryId(id)),
    at: text(at),
    deks: integer(dekIds.length),
    records: integer(recordIds.length),
    dekIds: { L: dekIds.map((dekId) => text(requireKeyText("a DEK id", dekId, maxDekIdBytes))) },
    recordIds: { L: recordIds.map((recordId) => text(requireKeyText("a record id", recordId, MAX_RECORD_ID_BYTES))) },
  };
}

export function readDebt(item: StateItem, region: string): DebtItem {
  const reader = open(item);
  return {
    id: reader.text("id"),
    region,
    dekIds: readIds(item, reader, "dekIds"),
    recordIds: readIds(item, reader, "recordIds"),
    at: reader.text("at"),
  };
}

/** What {@link readDebtCounts} needs: the ids stay where they are. */
export const debtCountAttributes = ["kind", "id", "at", "deks", "records"] as const;

export function readDebtCounts(item: StateItem): Pick<DebtItem, "at"> & { deks: number; records: number } {
  const reader = open(item);
  return { at: reader.text("at"), deks: reader.integer("deks"), records: reader.integer("records") };
}

function debtKind(region: string, shard: number): string {
  return `debt#${requireRegionName(region)}#${shard}`;
}

/** An item's shard follows from its id, so it is found again without a search. */
function shardOf(id: string): number {
  return createHash("sha256").update(id).digest().readUInt32BE(0) % DEBT_SHARDS;
}

function readIds(item: StateItem, reader: ItemReader, name: "dekIds" | "recordIds"): readonly string[] {
  const ids = item[name]?.L?.map(({ S: id }) => id);
  if (ids === undefined) throw reader.malformed(name);
  return ids.map((id) => {
    if (id === undefined) throw reader.malformed(name);
    return id;
  });
}
