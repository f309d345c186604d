import { batchGet } from "../dynamodb/batch-get.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import type { RecordSource } from "./get-record.ts";
import type { HeadsFound } from "./record-copy-types.ts";
import { headItemName, headLabelAttributes, recordKey } from "./record-items.ts";
import { readHeads } from "./scan-heads.ts";

/** Throws StoreError, and the signal's reason. */
export async function getHeads(
  { client, table }: RecordSource,
  recordIds: readonly string[],
  options: CallOptions,
): Promise<HeadsFound> {
  options.signal?.throwIfAborted();
  const keys = [...new Set(recordIds)].map((recordId) => recordKey(recordId, headItemName));
  const items = await batchGet(client, table, keys, { ...options, attributes: headLabelAttributes });
  const { heads, malformed } = readHeads(items);
  return { heads: new Map(heads.map((head) => [head.recordId, head])), malformed };
}
