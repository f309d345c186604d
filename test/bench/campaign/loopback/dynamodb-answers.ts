/** What a campaign asks of DynamoDB, answered from memory. Conditions are checked. */

import type { WireItem, WireValue } from "../wire-items.ts";
import { notUnderstood, Refusal } from "./refusal.ts";
import { type ScanInput, scan } from "./scan.ts";
import { readUpdate } from "./update-statement.ts";
import { sameValue, type WrapTable } from "./wrap-table.ts";

export type Tables = ReadonlyMap<string, WrapTable>;

export interface DynamodbInput extends ScanInput {
  readonly TableName?: string;
  readonly Statements?: readonly Statement[];
  readonly Key?: WireItem;
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
}

interface Statement {
  readonly Statement: string;
  readonly Parameters?: readonly WireValue[];
}

export function answerDynamodb(operation: string, input: DynamodbInput, tables: Tables): object {
  switch (operation) {
    case "Scan":
      return scan(tableOf(tables, input.TableName), input);
    case "UpdateItem":
      return updateItem(tableOf(tables, input.TableName), input);
    case "BatchExecuteStatement":
      return { Responses: (input.Statements ?? []).map((statement) => execute(statement, tables)) };
    default:
      throw new Refusal("UnknownOperationException", "");
  }
}

/** `SET a = :a, #b = :b`, as the script writes. */
function updateItem(table: WrapTable, input: DynamodbInput): object {
  const { Key = {}, UpdateExpression = "", ConditionExpression } = input;
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = input;
  if (ConditionExpression !== undefined || !UpdateExpression.startsWith("SET ")) throw notUnderstood("that update");
  const place = table.find(Key);
  const changes = UpdateExpression.slice(4)
    .split(", ")
    .map((term) => {
      const [name = "", placeholder = ""] = term.split(" = ");
      const value = values[placeholder];
      if (value === undefined) throw notUnderstood("that update");
      return [names[name] ?? name, value];
    });
  table.put({ ...(place === undefined ? Key : table.items[place]), ...Object.fromEntries(changes) });
  return {};
}

function execute({ Statement: text, Parameters: parameters = [] }: Statement, tables: Tables): object {
  if (!text.startsWith("UPDATE ")) return failed("ValidationError");
  const { table: name, set, remove, where } = readUpdate(text);
  const table = tables.get(name);
  if (table === undefined) return failed("ResourceNotFound");
  if (parameters.length !== set.length + where.length) return failed("ValidationError");
  const named = (names: readonly string[], from: number): Record<string, WireValue> =>
    Object.fromEntries(names.map((each, at) => [each, parameters[from + at] ?? {}]));
  const expected = named(where, set.length);
  const place = table.find(expected);
  const stored = place === undefined ? undefined : table.items[place];
  if (stored === undefined || !where.every((each) => sameValue(stored[each], expected[each]))) {
    return failed("ConditionalCheckFailed");
  }
  const next = { ...stored, ...named(set, 0) };
  for (const each of remove) delete next[each];
  table.put(next);
  return { TableName: name };
}

function failed(code: string): object {
  return { Error: { Code: code, Message: code } };
}

function tableOf(tables: Tables, name = ""): WrapTable {
  const table = tables.get(name);
  if (table === undefined) throw new Refusal("ResourceNotFoundException", "there is no such table");
  return table;
}
