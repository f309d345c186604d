/** Hands on the tables, as somebody with write access and nothing else would have. */

import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { tableNames } from "@dekhand/store";
import { region, type Stack } from "./start-stack.ts";

export type Item = Record<string, AttributeValue>;
type Table = keyof ReturnType<typeof tableNames>;

const partitionOf = { records: "recordId", deks: "dekId", state: "kind", campaigns: "campaignId" } as const;

export function tablesOf(stack: Stack, where: string = region) {
  const client = stack.clients.region(where).dynamodb;
  const names = tableNames(stack.config.prefix);
  const keyOf = (table: Table, partition: string, item: string) => ({
    TableName: names[table],
    Key: { [partitionOf[table]]: { S: partition }, item: { S: item } },
  });
  return {
    async get(table: Table, partition: string, item: string): Promise<Item> {
      const { Item: found } = await client.send(new GetItemCommand(keyOf(table, partition, item)));
      if (!found) throw new Error(`${table} has no ${partition} ${item}`);
      return found;
    },
    async put(table: Table, item: Item): Promise<void> {
      await client.send(new PutItemCommand({ TableName: names[table], Item: item }));
    },
    async delete(table: Table, partition: string, item: string): Promise<void> {
      await client.send(new DeleteItemCommand(keyOf(table, partition, item)));
    },
    /** Every item of one partition. */
    async all(table: Table, partition: string): Promise<Item[]> {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: names[table],
          KeyConditionExpression: "#p = :p",
          ExpressionAttributeNames: { "#p": partitionOf[table] },
          ExpressionAttributeValues: { ":p": { S: partition } },
        }),
      );
      return Items;
    },
    async scan(table: Table): Promise<Item[]> {
      const found: Item[] = [];
      let from: Item | undefined;
      do {
        const page = await client.send(new ScanCommand({ TableName: names[table], ExclusiveStartKey: from }));
        found.push(...(page.Items ?? []));
        from = page.LastEvaluatedKey;
      } while (from);
      return found;
    },
  };
}
