import { DescribeTableCommand, type DynamoDBClient, type TableDescription } from "@aws-sdk/client-dynamodb";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { request } from "../dynamodb/request.ts";
import { StoreError } from "../errors.ts";
import { type TableDefinition, type TableNames, tableDefinitions } from "./table-definitions.ts";

/**
 * - `ready`: it exists and is ACTIVE.
 * - `changing`: it exists and DynamoDB is still at work on it (creating, updating).
 * - `missing`: it would be created.
 * - `unsuitable`: a table of that name exists with other keys; it is never touched.
 */
export type TablePlan =
  | { readonly kind: "ready" | "changing" | "missing"; readonly table: TableDefinition }
  | {
      readonly kind: "unsuitable";
      readonly table: TableDefinition;
      /** The keys that it has: "id (S), version (N)". */
      readonly found: string;
    };

/** What is there and what would be created. Changes nothing. */
export async function planTables(
  client: DynamoDBClient,
  tables: TableNames,
  options: CallOptions = {},
): Promise<readonly TablePlan[]> {
  return Promise.all(tableDefinitions(tables).map((table) => planTable(client, table, options)));
}

export async function planTable(
  client: DynamoDBClient,
  table: TableDefinition,
  options: CallOptions,
): Promise<TablePlan> {
  const description = await describe(client, table.name, options);
  if (!description || description.TableStatus === "DELETING")
    return { kind: description ? "changing" : "missing", table };
  const found = keysOf(description);
  if (found !== `${table.partition} (S), ${table.sort} (S)`) return { kind: "unsuitable", table, found };
  return { kind: description.TableStatus === "ACTIVE" ? "ready" : "changing", table };
}

async function describe(
  client: DynamoDBClient,
  name: string,
  options: CallOptions,
): Promise<TableDescription | undefined> {
  try {
    const input = { TableName: name };
    return (await request("DescribeTable", options, (http) => client.send(new DescribeTableCommand(input), http)))
      .Table;
  } catch (error) {
    if (error instanceof StoreError && error.code === "STORE_TABLE_MISSING") return undefined;
    throw error;
  }
}

/** Partition key first. */
function keysOf({ KeySchema = [], AttributeDefinitions = [] }: TableDescription): string {
  const types = new Map(AttributeDefinitions.map(({ AttributeName, AttributeType }) => [AttributeName, AttributeType]));
  return [...KeySchema]
    .sort((a, b) => (a.KeyType ?? "").localeCompare(b.KeyType ?? ""))
    .map(({ AttributeName }) => `${AttributeName} (${types.get(AttributeName)})`)
    .join(", ");
}
