import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { itemBytes } from "../items/item-bytes.ts";
import type { CallOptions } from "./call-options.ts";
import { createPacing } from "./pacing.ts";
import { request } from "./request.ts";

type Item = Record<string, AttributeValue>;

const maxItemsPerCall = 25;
/** A quarter of what DynamoDB takes: one record's parts must not hold a connection for seconds. */
const maxBytesPerCall = 4 * 1024 * 1024;

/**
 * Puts every item without a condition, each key once. Items that DynamoDB did
 * not process are sent again. Returns when all are durable; a failure may leave
 * some of them written.
 */
export async function batchPut(
  client: DynamoDBClient,
  table: string,
  items: Iterable<Item>,
  { signal }: CallOptions = {},
): Promise<void> {
  const pacing = createPacing(signal);
  const source = items[Symbol.iterator]();
  let next = source.next();
  let unprocessed: WriteRequest[] = [];
  while (!next.done || unprocessed.length > 0) {
    const puts = unprocessed;
    let bytes = puts.reduce((sum, { PutRequest }) => sum + itemBytes(PutRequest?.Item ?? {}), 0);
    while (!next.done && puts.length < maxItemsPerCall) {
      bytes += itemBytes(next.value);
      if (bytes > maxBytesPerCall && puts.length > 0) break;
      puts.push({ PutRequest: { Item: next.value } });
      next = source.next();
    }
    const answer = await request("BatchWriteItem", { signal }, (http) =>
      client.send(new BatchWriteItemCommand({ RequestItems: { [table]: puts } }), http),
    );
    unprocessed = answer.UnprocessedItems?.[table] ?? [];
    if (unprocessed.length === 0) pacing.progressed();
    else await pacing.pause("BatchWriteItem");
  }
}
