import type { AttributeValue, DynamoDBClient, WriteRequest } from "@aws-sdk/client-dynamodb";
import { batchWrite } from "./batch-write.ts";
import type { CallOptions } from "./call-options.ts";

type Item = Readonly<Record<string, AttributeValue>>;

/**
 * Puts every item without a condition, each key once. Items that DynamoDB did
 * not process are sent again. Returns when all are durable; a failure may leave
 * some of them written.
 */
export async function batchPut(
  client: DynamoDBClient,
  table: string,
  items: Iterable<Item>,
  options: CallOptions = {},
): Promise<void> {
  await batchWrite(client, table, puts(items), options);
}

/** One after the other: a record's parts are cut when their turn comes. */
function* puts(items: Iterable<Item>): Generator<WriteRequest> {
  for (const item of items) yield { PutRequest: { Item: { ...item } } };
}
