import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { request } from "../dynamodb/request.ts";
import { StoreError } from "../errors.ts";
import { type StateItem, stateKey } from "./state-items.ts";

export interface StateTable {
  get(kind: string, id: string, options: CallOptions): Promise<StateItem | undefined>;
  put(item: StateItem, options: CallOptions): Promise<void>;
  /** False when an item of that key exists. */
  insert(item: StateItem, options: CallOptions): Promise<boolean>;
  remove(kind: string, id: string, options: CallOptions): Promise<void>;
  /** One page of a kind in the order of ids, from after `after`; `last` is where the next one starts. */
  page(
    kind: string,
    options: CallOptions & { readonly after?: string | undefined; readonly limit?: number },
  ): Promise<{ readonly items: readonly StateItem[]; readonly last?: string }>;
  all(kind: string, options: CallOptions): Promise<readonly StateItem[]>;
}

/** Reads and writes of the `state` table, item by item; every read is strongly consistent. */
export function createStateTable(client: DynamoDBClient, table: string): StateTable {
  const put = (item: StateItem, options: CallOptions, condition: { ConditionExpression?: string }) => {
    const command = new PutItemCommand({ TableName: table, Item: { ...item }, ...condition });
    return request("PutItem", options, (http) => client.send(command, http));
  };
  const state: StateTable = {
    async get(kind, id, options) {
      const command = new GetItemCommand({ TableName: table, Key: stateKey(kind, id), ConsistentRead: true });
      return (await request("GetItem", options, (http) => client.send(command, http))).Item;
    },
    async put(item, options) {
      await put(item, options, {});
    },
    async insert(item, options) {
      try {
        await put(item, options, { ConditionExpression: "attribute_not_exists(id)" });
        return true;
      } catch (error) {
        if (isConditionFailure(error)) return false;
        throw error;
      }
    },
    async remove(kind, id, options) {
      const command = new DeleteItemCommand({ TableName: table, Key: stateKey(kind, id) });
      await request("DeleteItem", options, (http) => client.send(command, http));
    },
    async page(kind, { after, limit, signal }) {
      const command = new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: "kind = :kind",
        ExpressionAttributeValues: { ":kind": { S: kind } },
        ...(limit === undefined ? {} : { Limit: limit }),
        ...(after === undefined ? {} : { ExclusiveStartKey: stateKey(kind, after) }),
      });
      const { Items = [], LastEvaluatedKey } = await request("Query", { signal }, (http) => client.send(command, http));
      const last = lastId(LastEvaluatedKey);
      return { items: Items, ...(last === undefined ? {} : { last }) };
    },
    async all(kind, options) {
      const items: StateItem[] = [];
      let after: string | undefined;
      do {
        const page = await state.page(kind, { ...options, after });
        items.push(...page.items);
        after = page.last;
      } while (after !== undefined);
      return items;
    },
  };
  return state;
}

function lastId(key: Record<string, AttributeValue> | undefined): string | undefined {
  return key?.id?.S;
}

function isConditionFailure(error: unknown): boolean {
  const cause = error instanceof StoreError ? error.cause : undefined;
  return cause instanceof Error && cause.name === "ConditionalCheckFailedException";
}
