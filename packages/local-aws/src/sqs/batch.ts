/** What the batch operations have in common: rules for the whole request, and one outcome an entry. */
import { AwsFault, type JsonObject } from "../service.ts";
import { batchIdsNotDistinct, emptyBatch, invalidBatchEntryId, tooManyEntries } from "./sqs-faults.ts";
import { readObjects } from "./sqs-input.ts";

const MAX_ENTRIES = 10;

export interface BatchEntry {
  readonly id: string;
  readonly input: JsonObject;
}

/**
 * The entries of a batch. Throws what SQS answers to the whole request:
 * EmptyBatchRequest, TooManyEntriesInBatchRequest, InvalidBatchEntryId, BatchEntryIdsNotDistinct.
 */
export function readBatch(input: JsonObject): BatchEntry[] {
  const inputs = readObjects(input, "Entries");
  if (inputs.length === 0) throw emptyBatch();
  if (inputs.length > MAX_ENTRIES) throw tooManyEntries(MAX_ENTRIES);
  const entries = inputs.map((entry) => {
    if (typeof entry.Id !== "string" || !/^[\w-]{1,80}$/.test(entry.Id)) throw invalidBatchEntryId();
    return { id: entry.Id, input: entry };
  });
  if (new Set(entries.map(({ id }) => id)).size < entries.length) throw batchIdsNotDistinct();
  return entries;
}

/** Does each entry by itself: an AwsFault fails its own entry only. As in SQS, a list without entries is left out. */
export function answerBatch(entries: readonly BatchEntry[], act: (input: JsonObject) => JsonObject): JsonObject {
  const successful: JsonObject[] = [];
  const failed: JsonObject[] = [];
  for (const { id, input } of entries) {
    try {
      successful.push({ Id: id, ...act(input) });
    } catch (error) {
      if (!(error instanceof AwsFault)) throw error;
      const { errorName, queryCode = errorName, status, message } = error;
      failed.push({ Id: id, Code: queryCode, Message: message, SenderFault: status < 500 });
    }
  }
  return {
    ...(successful.length > 0 && { Successful: successful }),
    ...(failed.length > 0 && { Failed: failed }),
  };
}
