import { batchGet } from "../dynamodb/batch-get.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { forEachLimited } from "../dynamodb/for-each-limited.ts";
import { storeFailure } from "../dynamodb/store-failure.ts";
import { StoreError } from "../errors.ts";
import type { Attributes } from "../writer/conditional-write.ts";
import { assemble, getRecord, type RecordSource } from "./get-record.ts";
import { headItemName, readHead, recordKey } from "./record-items.ts";
import type { StoredRecord } from "./record-types.ts";

/** Records in several parts that are read at the same time. */
const maxAtOnce = 4;

/** By record id. Throws StoreError where nothing could be read, and the signal's reason. */
export async function getRecords(
  source: RecordSource,
  recordIds: readonly string[],
  options: CallOptions,
): Promise<ReadonlyMap<string, StoredRecord | StoreError>> {
  options.signal?.throwIfAborted();
  const found = new Map<string, StoredRecord | StoreError>();
  const inParts: string[] = [];
  const keys = [...new Set(recordIds)].map((recordId) => recordKey(recordId, headItemName));
  for (const item of await batchGet(source.client, source.table, keys, options)) {
    const recordId = item.recordId?.S ?? "";
    const record = readWhole(item);
    if (record) found.set(recordId, record);
    else inParts.push(recordId);
  }
  await forEachLimited(inParts, maxAtOnce, async (recordId) => {
    const record = await getRecord(source, recordId, options).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      return storeFailure(error, "BatchGetItem");
    });
    if (record) found.set(recordId, record);
  });
  return found;
}

/** Undefined where the envelope is in parts. */
function readWhole(item: Attributes): StoredRecord | StoreError | undefined {
  try {
    const head = readHead(item);
    return head.body.kind === "inline" ? assemble(head, head.body.envelope) : undefined;
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
}
