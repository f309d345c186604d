/**
 * Puts another envelope in the place of a record's: parts first, then the head
 * that names them, on the condition that the head still has the seal id that was
 * read. A revision that arrives meanwhile therefore always wins.
 */

import { batchGet } from "../dynamodb/batch-get.ts";
import { batchPut } from "../dynamodb/batch-put.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { StoreError } from "../errors.ts";
import { text } from "../items/write-values.ts";
import { prepareHead } from "./check-record.ts";
import type { PutDeps } from "./put-records.ts";
import { headItemName, headStateAttributes, partItems, readHeadState, recordKey } from "./record-items.ts";
import type { Resealed, Resealing, StoredRecord } from "./record-types.ts";

export async function resealRecord(
  { client, writer, table }: Omit<PutDeps, "now">,
  record: StoredRecord,
  next: Resealing,
  options: CallOptions,
): Promise<Resealed> {
  options.signal?.throwIfAborted();
  const { recordId } = record;
  const resealed = { ...record, ...next };
  const prepared = prepareHead(resealed, record.createdAt);
  if (prepared.kind === "rejected") {
    throw new StoreError(prepared.code, "the record cannot be stored as it was sealed", { context: { recordId } });
  }
  const { attributes, parts } = prepared.draft;
  if (parts > 0) await batchPut(client, table, partItems(resealed), options);

  const key = recordKey(recordId, headItemName);
  const when = { sealId: text(record.sealId) };
  const remove = parts > 0 ? ["envelope"] : [];
  const [result] = await writer.write([{ kind: "update", table, key, when, set: attributes, remove }], options);
  if (result?.kind === "done") return "replaced";
  options.signal?.throwIfAborted();
  if (result?.kind === "failed") throw result.error;
  // A write whose answer was lost is sent again by the SDK and then meets itself.
  const [stored] = await batchGet(client, table, [key], { ...options, attributes: headStateAttributes });
  if (!stored) return "gone";
  return readHeadState(stored).sealId === next.sealId ? "replaced" : "conflict";
}
