import type { AttributeValue, DynamoDBClient, WriteRequest } from "@aws-sdk/client-dynamodb";
import { batchWrite } from "./batch-write.ts";
import type { CallOptions } from "./call-options.ts";

type Key = Readonly<Record<string, AttributeValue>>;

/** Deletes the items of these keys, each key once, there or not; otherwise as batchPut. */
export async function batchDelete(
  client: DynamoDBClient,
  table: string,
  keys: Iterable<Key>,
  options: CallOptions = {},
): Promise<void> {
  await batchWrite(client, table, deletes(keys), options);
}

function* deletes(keys: Iterable<Key>): Generator<WriteRequest> {
  for (const key of keys) yield { DeleteRequest: { Key: { ...key } } };
}
