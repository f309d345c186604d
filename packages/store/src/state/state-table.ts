import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { batchDelete } from "../dynamodb/batch-delete.ts";
import { batchPut } from "../dynamodb/batch-put.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { projection } from "../dynamodb/projection.ts";
import { request } from "../dynamodb/request.ts";
import { StoreError } from "../errors.ts";
import { integer } from "../items/write-values.ts";
import { type StateItem, stateKey } from "./state-items.ts";

export interface StateTable {
  get(kind: string, id: string, options: CallOptions): Promise<StateItem | undefined>;
  put(item: StateItem, options: CallOptions): Promise<void>;
  /** False when an item of that key exists. */
  insert(item: StateItem, options: CallOptions): Promise<boolean>;
  /** Puts an item in place of the one with that `version`; 0: where there is none. False when it is not so. */
  replace(item: StateItem, version: number, options: CallOptions): Promise<boolean>;
  /** The same by another attribute than `version`; `value: undefined`: where there is no item. */
  replaceWhere(item: StateItem, where: Numbered, options: CallOptions): Promise<boolean>;
  /** Puts every item without a condition, each key once, 25 a call. A failure may leave some of them written. */
  putAll(items: readonly StateItem[], options: CallOptions): Promise<void>;
  remove(kind: string, id: string, options: CallOptions): Promise<void>;
  /** Removes the items of these keys, each key once, there or not, 25 a call. */
  removeAll(keys: readonly StateItem[], options: CallOptions): Promise<void>;
  /** One page of a kind in the order of ids, from after `after`; `last` is where the next one starts. */
  page(
    kind: string,
    options: KindPageOptions,
  ): Promise<{ readonly items: readonly StateItem[]; readonly last?: string }>;
  all(kind: string, options: CallOptions): Promise<readonly StateItem[]>;
}

/** An attribute that is a whole number. */
export interface Numbered {
  readonly attribute: string;
  readonly value: number | undefined;
}

export interface KindPageOptions extends CallOptions {
  readonly after?: string | undefined;
  readonly limit?: number;
  /** Highest ids first. */
  readonly descending?: boolean;
  /** The attributes to return, keys included; default all. */
  readonly attributes?: readonly string[];
}

/** Reads and writes of the `state` table, item by item; every read is strongly consistent. */
export function createStateTable(client: DynamoDBClient, table: string): StateTable {
  const put = (item: StateItem, options: CallOptions, condition: PutCondition) => {
    const command = new PutItemCommand({ TableName: table, Item: { ...item }, ...condition });
    return request("PutItem", options, (http) => client.send(command, http));
  };
  const putIf = async (item: StateItem, options: CallOptions, condition: PutCondition): Promise<boolean> => {
    try {
      await put(item, options, condition);
      return true;
    } catch (error) {
      if (isConditionFailure(error)) return false;
      throw error;
    }
  };
  const state: StateTable = {
    async get(kind, id, options) {
      const command = new GetItemCommand({ TableName: table, Key: stateKey(kind, id), ConsistentRead: true });
      return (await request("GetItem", options, (http) => client.send(command, http))).Item;
    },
    async put(item, options) {
      await put(item, options, {});
    },
    insert: (item, options) => putIf(item, options, isAbsent),
    replace: (item, version, options) =>
      state.replaceWhere(item, { attribute: "version", value: version === 0 ? undefined : version }, options),
    replaceWhere: (item, where, options) => putIf(item, options, whereNumbered(where)),
    putAll: (items, options) => batchPut(client, table, items, options),
    async remove(kind, id, options) {
      const command = new DeleteItemCommand({ TableName: table, Key: stateKey(kind, id) });
      await request("DeleteItem", options, (http) => client.send(command, http));
    },
    removeAll: (keys, options) => batchDelete(client, table, keys, options),
    async page(kind, { after, limit, descending = false, attributes, signal }) {
      const command = new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        KeyConditionExpression: "kind = :kind",
        ExpressionAttributeValues: { ":kind": { S: kind } },
        ScanIndexForward: !descending,
        ...projection(attributes),
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

type PutCondition = Pick<
  PutItemCommandInput,
  "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"
>;

const isAbsent: PutCondition = { ConditionExpression: "attribute_not_exists(id)" };

function whereNumbered({ attribute, value }: Numbered): PutCondition {
  if (value === undefined) return isAbsent;
  return {
    ConditionExpression: "#number = :number",
    ExpressionAttributeNames: { "#number": attribute },
    ExpressionAttributeValues: { ":number": integer(value) },
  };
}

function lastId(key: Record<string, AttributeValue> | undefined): string | undefined {
  return key?.id?.S;
}

export function isConditionFailure(error: unknown): boolean {
  const cause = error instanceof StoreError ? error.cause : undefined;
  return cause instanceof Error && cause.name === "ConditionalCheckFailedException";
}
