/** Records that lost against another one of their id, kept beside it. */

import { batchPut } from "../dynamodb/batch-put.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { requireCopyable } from "./check-record.ts";
import { assemble, getHeadItem, partMissing, type RecordSource, readEnvelope } from "./get-record.ts";
import { lostItemName, lostPartName, partItems, recordKey } from "./record-items.ts";
import type { StoredRecord } from "./record-types.ts";

/** A seal id stands for one envelope, so what is there already is the same. Throws StoreError, and the signal's reason. */
export async function keepLost(
  { client, table }: RecordSource,
  record: StoredRecord,
  options: CallOptions,
): Promise<void> {
  const { attributes, parts } = requireCopyable(record);
  const item = { ...recordKey(record.recordId, lostItemName(record.sealId)), ...attributes };
  if (parts > 0) await batchPut(client, table, partItems(record, lostPartName), options);
  await batchPut(client, table, [item], options);
}

/** Throws StoreError, and the signal's reason. */
export async function getLost(
  source: RecordSource,
  recordId: string,
  { sealId, signal }: CallOptions & { readonly sealId: string },
): Promise<StoredRecord | undefined> {
  const options = { signal };
  const head = await getHeadItem(source, recordId, lostItemName(sealId), options);
  if (!head) return undefined;
  const envelope = await readEnvelope(source, head, lostPartName, options);
  if (!envelope) throw partMissing(head);
  return assemble(head, envelope);
}
