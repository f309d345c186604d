import { type AttributeValue, BatchGetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { CallOptions } from "./call-options.ts";
import { createPacing } from "./pacing.ts";
import { projection } from "./projection.ts";
import { request } from "./request.ts";

type Item = Record<string, AttributeValue>;

export interface BatchGetOptions extends CallOptions {
  /** The attributes to return, keys included; default all. */
  readonly attributes?: readonly string[];
}

const maxKeysPerCall = 100;

/**
 * Reads the items of up to any number of keys, strongly consistent, in no order;
 * missing ones are left out. Keys that DynamoDB did not process (an answer holds
 * at most 16 MB) are asked for again.
 */
export async function batchGet(
  client: DynamoDBClient,
  table: string,
  keys: readonly Item[],
  { attributes, signal }: BatchGetOptions = {},
): Promise<Item[]> {
  const found: Item[] = [];
  const pacing = createPacing(signal);
  let open = [...keys];
  while (open.length > 0) {
    const now = open.slice(0, maxKeysPerCall);
    const RequestItems = { [table]: { Keys: now, ConsistentRead: true, ...projection(attributes) } };
    const answer = await request("BatchGetItem", { signal }, (http) =>
      client.send(new BatchGetItemCommand({ RequestItems }), http),
    );
    const items = answer.Responses?.[table] ?? [];
    const unprocessed = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    found.push(...items);
    open = [...unprocessed, ...open.slice(now.length)];
    if (unprocessed.length < now.length) pacing.progressed();
    else await pacing.pause("BatchGetItem");
  }
  return found;
}
