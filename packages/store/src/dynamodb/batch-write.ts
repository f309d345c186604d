import { BatchWriteItemCommand, type DynamoDBClient, type WriteRequest } from "@aws-sdk/client-dynamodb";
import { itemBytes } from "../items/item-bytes.ts";
import type { CallOptions } from "./call-options.ts";
import { createPacing } from "./pacing.ts";
import { request } from "./request.ts";

const maxItemsPerCall = 25;
/** A quarter of what DynamoDB takes: one record's parts must not hold a connection for seconds. */
const maxBytesPerCall = 4 * 1024 * 1024;

/**
 * Carries out puts and deletes without a condition, each key once, as few calls
 * as they fit into. What DynamoDB did not process is sent again. Returns when
 * all is durable; a failure may leave some of it done.
 */
export async function batchWrite(
  client: DynamoDBClient,
  table: string,
  writes: Iterable<WriteRequest>,
  { signal }: CallOptions,
): Promise<void> {
  const pacing = createPacing(signal);
  const source = writes[Symbol.iterator]();
  let next = source.next();
  let unprocessed: WriteRequest[] = [];
  while (!next.done || unprocessed.length > 0) {
    const now = unprocessed;
    let bytes = now.reduce((sum, write) => sum + writeBytes(write), 0);
    while (!next.done && now.length < maxItemsPerCall) {
      bytes += writeBytes(next.value);
      if (bytes > maxBytesPerCall && now.length > 0) break;
      now.push(next.value);
      next = source.next();
    }
    const answer = await request("BatchWriteItem", { signal }, (http) =>
      client.send(new BatchWriteItemCommand({ RequestItems: { [table]: now } }), http),
    );
    unprocessed = answer.UnprocessedItems?.[table] ?? [];
    if (unprocessed.length === 0) pacing.progressed();
    else await pacing.pause("BatchWriteItem");
  }
}

function writeBytes({ PutRequest, DeleteRequest }: WriteRequest): number {
  return itemBytes(PutRequest?.Item ?? DeleteRequest?.Key ?? {});
}
