/** Conditional writes, one request each: for endpoints without PartiQL. */

import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { forEachLimited } from "../dynamodb/for-each-limited.ts";
import { cancelled, request } from "../dynamodb/request.ts";
import { storeFailure } from "../dynamodb/store-failure.ts";
import { StoreError } from "../errors.ts";
import { checkWrite, itemIdentity, writtenBytes } from "./check-write.ts";
import { absent, type ConditionalWrite, type ConditionalWriter, type WriteResult } from "./conditional-write.ts";

const maxRequestsAtOnce = 16;
const operations = { insert: "PutItem", update: "UpdateItem", delete: "DeleteItem" } as const;

export function createSingleWriter(client: DynamoDBClient): ConditionalWriter {
  return {
    mode: "single",
    async write(writes, options = {}) {
      const results: WriteResult[] = [];
      const byItem = Map.groupBy(writes.entries(), ([, write]) => itemIdentity(write));
      await forEachLimited([...byItem.values()], maxRequestsAtOnce, async (ofOneItem) => {
        for (const [index, write] of ofOneItem) results[index] = await writeOne(client, write, options);
      });
      return results;
    },
  };
}

async function writeOne(client: DynamoDBClient, write: ConditionalWrite, options: CallOptions): Promise<WriteResult> {
  const invalid = checkWrite(write, writtenBytes(write));
  if (invalid) return { kind: "failed", error: invalid };
  try {
    await request(operations[write.kind], options, (http) => send(client, write, http));
    return { kind: "done" };
  } catch (error) {
    if (options.signal?.aborted && error === options.signal.reason) {
      return { kind: "failed", error: cancelled(options.signal) };
    }
    if (isConditionFailure(error)) return { kind: "conflict" };
    return { kind: "failed", error: storeFailure(error, operations[write.kind]) };
  }
}

type Http = { readonly abortSignal?: AbortSignal };

function send(client: DynamoDBClient, write: ConditionalWrite, http: Http): Promise<unknown> {
  const expression = createExpression();
  const TableName = write.table;
  const Key = { ...write.key };
  switch (write.kind) {
    case "insert": {
      const ConditionExpression = Object.keys(write.key).map(
        (name) => `attribute_not_exists(${expression.name(name)})`,
      );
      const Item = { ...write.key, ...write.item };
      const input = {
        TableName,
        Item,
        ConditionExpression: ConditionExpression.join(" AND "),
        ...expression.bindings(),
      };
      return client.send(new PutItemCommand(input), http);
    }
    case "update": {
      const exists = Object.keys(write.key).map((name) => `attribute_exists(${expression.name(name)})`);
      const ConditionExpression = [...exists, ...expression.conditions(write.when)].join(" AND ");
      const UpdateExpression = expression.changes(write.set, write.remove ?? []);
      const input = { TableName, Key, ConditionExpression, UpdateExpression, ...expression.bindings() };
      return client.send(new UpdateItemCommand(input), http);
    }
    case "delete": {
      const conditions = expression.conditions(write.when ?? {}).join(" AND ");
      const condition = conditions === "" ? {} : { ConditionExpression: conditions, ...expression.bindings() };
      return client.send(new DeleteItemCommand({ TableName, Key, ...condition }), http);
    }
  }
}

/** Gives every name and value a placeholder, so that reserved words need no care. */
function createExpression() {
  const names: Record<string, string> = {};
  const values: Record<string, AttributeValue> = {};
  const name = (attribute: string) => {
    const placeholder = `#n${Object.keys(names).length}`;
    names[placeholder] = attribute;
    return placeholder;
  };
  const value = (attribute: AttributeValue) => {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = attribute;
    return placeholder;
  };
  return {
    name,
    conditions: (when: Readonly<Record<string, AttributeValue | typeof absent>>) =>
      Object.entries(when).map(([attribute, expected]) =>
        expected === absent ? `attribute_not_exists(${name(attribute)})` : `${name(attribute)} = ${value(expected)}`,
      ),
    changes: (set: Readonly<Record<string, AttributeValue>>, remove: readonly string[]) => {
      const sets = Object.entries(set).map(([attribute, next]) => `${name(attribute)} = ${value(next)}`);
      const removes = remove.length === 0 ? "" : ` REMOVE ${remove.map(name).join(", ")}`;
      return `SET ${sets.join(", ")}${removes}`;
    },
    bindings: () => ({
      ExpressionAttributeNames: names,
      ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
    }),
  };
}

function isConditionFailure(error: unknown): boolean {
  const cause = error instanceof StoreError ? error.cause : error;
  return cause instanceof Error && cause.name === "ConditionalCheckFailedException";
}
