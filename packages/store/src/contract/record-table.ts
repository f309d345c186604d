import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import type { ContractSubject } from "./contract-subject.ts";

type Item = Record<string, AttributeValue>;

/** The hands of somebody with write access to the table and nothing else. */
export function recordTable({ client, tables }: Pick<ContractSubject, "client" | "tables">) {
  const TableName = tables.records;
  const keyOf = (recordId: string, item: string) => ({ recordId: { S: recordId }, item: { S: item } });
  const table = {
    async get(recordId: string, item: string): Promise<Item> {
      const { Item: found } = await client.send(
        new GetItemCommand({ TableName, Key: keyOf(recordId, item), ConsistentRead: true }),
      );
      if (!found) throw new Error(`no item ${item}`);
      return found;
    },
    /** The sort keys of one record's items. */
    async items(recordId: string): Promise<readonly (string | undefined)[]> {
      const names: (string | undefined)[] = [];
      let from: Item | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName,
            ConsistentRead: true,
            KeyConditionExpression: "recordId = :id",
            ProjectionExpression: "#item",
            ExpressionAttributeNames: { "#item": "item" },
            ExpressionAttributeValues: { ":id": { S: recordId } },
            ...(from ? { ExclusiveStartKey: from } : {}),
          }),
        );
        names.push(...Items.map(({ item }) => item?.S));
        from = LastEvaluatedKey;
      } while (from);
      return names;
    },
    async put(recordId: string, item: string, attributes: Item): Promise<void> {
      await client.send(new PutItemCommand({ TableName, Item: { ...attributes, ...keyOf(recordId, item) } }));
    },
    async delete(recordId: string, item: string): Promise<void> {
      await client.send(new DeleteItemCommand({ TableName, Key: keyOf(recordId, item) }));
    },
    /** Overwrites single attributes; `undefined` removes one. */
    async change(
      recordId: string,
      item: string,
      changes: Readonly<Record<string, AttributeValue | undefined>>,
    ): Promise<void> {
      const changed = Object.entries({ ...(await table.get(recordId, item)), ...changes });
      const kept = changed.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
      await table.put(recordId, item, Object.fromEntries(kept));
    },
  };
  return table;
}
