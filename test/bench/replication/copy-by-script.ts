/**
 * The script that one would write to copy records to another Region: pages of items read by BatchGetItem, and written there
 * as they are, by clients that are the SDK's defaults throughout.
 *
 * It is spared what would make it safe: it does not look what is there, whether a record is older than that, whether it
 * changed meanwhile, whether its envelope and its DEK are whole, and nobody knows what it has not done yet. It copies wraps
 * of a multi-Region key only, which need no KMS.
 */

import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { credentials, type ScriptPlace, type ScriptTurn, scriptPages } from "./settings.ts";

type Item = Record<string, AttributeValue>;

const readItems = 100;
const writtenItems = 25;

export async function copyByScript({ script, from, to, keyArn, recordIds }: ScriptTurn): Promise<void> {
  const source = clientOf(from);
  const target = clientOf(to);
  const write = script === "batch" ? batchWrite : putNew;
  const copied = new Set<string>();
  const pages = chunks(recordIds, readItems).values();

  async function copyDeks(dekIds: readonly string[]): Promise<void> {
    const names = ["dek", `wrap#${from.region}`];
    const keys = dekIds.flatMap((dekId) => names.map((item) => ({ dekId: { S: dekId }, item: { S: item } })));
    const items = await batchGet(source, `${from.prefix}-deks`, keys);
    const renamed = items.map((item) =>
      item.item?.S === "dek" ? item : { ...item, item: { S: `wrap#${to.region}` }, keyArn: { S: keyArn } },
    );
    await write(target, `${to.prefix}-deks`, renamed);
  }

  async function copyPage(ids: readonly string[]): Promise<void> {
    const keys = ids.map((recordId) => ({ recordId: { S: recordId }, item: { S: "head" } }));
    const heads = await batchGet(source, `${from.prefix}-records`, keys);
    const parts = await batchGet(source, `${from.prefix}-records`, heads.flatMap(partKeys));
    const dekIds = [...new Set(heads.flatMap(({ dekId }) => dekId?.S ?? []))].filter((dekId) => !copied.has(dekId));
    for (const dekId of dekIds) copied.add(dekId);
    await copyDeks(dekIds);
    await write(target, `${to.prefix}-records`, [...parts, ...heads]);
  }

  const lane = async () => {
    for (const page of pages) await copyPage(page);
  };
  try {
    await Promise.all(Array.from({ length: scriptPages }, lane));
  } finally {
    source.destroy();
    target.destroy();
  }
}

function clientOf({ region, endpoint }: ScriptPlace): DynamoDBClient {
  return new DynamoDBClient({ region, endpoint, credentials });
}

function partKeys({ recordId, sealId, parts }: Item): Item[] {
  if (!recordId || !sealId) throw new Error("the table holds something that is no record");
  return Array.from({ length: Number(parts?.N) }, (_, at) => ({
    recordId,
    item: { S: `part#${sealId.S}#${String(at + 1).padStart(4, "0")}` },
  }));
}

async function batchGet(client: DynamoDBClient, table: string, keys: readonly Item[]): Promise<Item[]> {
  const items: Item[] = [];
  for (const Keys of chunks(keys, readItems)) {
    const input = { RequestItems: { [table]: { Keys, ConsistentRead: true } } };
    const { Responses, UnprocessedKeys } = await client.send(new BatchGetItemCommand(input));
    if (Object.keys(UnprocessedKeys ?? {}).length > 0) throw new Error("the page was larger than an answer");
    items.push(...(Responses?.[table] ?? []));
  }
  return items;
}

async function batchWrite(client: DynamoDBClient, table: string, items: readonly Item[]): Promise<void> {
  for (const chunk of chunks(items, writtenItems)) {
    const puts = chunk.map((Item) => ({ PutRequest: { Item } }));
    const input = { RequestItems: { [table]: puts } };
    const { UnprocessedItems } = await client.send(new BatchWriteItemCommand(input));
    if (Object.keys(UnprocessedItems ?? {}).length > 0) throw new Error("the embedded DynamoDB left items out");
  }
}

async function putNew(client: DynamoDBClient, table: string, items: readonly Item[]): Promise<void> {
  for (const chunk of chunks(items, writtenItems)) {
    const ConditionExpression = "attribute_not_exists(#item)";
    const condition = { ConditionExpression, ExpressionAttributeNames: { "#item": "item" } };
    await Promise.all(chunk.map((Item) => client.send(new PutItemCommand({ TableName: table, Item, ...condition }))));
  }
}

function chunks<One>(all: readonly One[], size: number): One[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}
