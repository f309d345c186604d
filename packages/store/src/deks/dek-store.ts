/**
 * Where DEKs and their wraps are kept.
 *
 * Owns the `deks` table's items. Fails with StoreErrors. Leaves to others what a
 * wrap is worth: the key ARN and context beside it are labels.
 */

import { type AttributeValue, type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { batchGet } from "../dynamodb/batch-get.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { request } from "../dynamodb/request.ts";
import { StoreError } from "../errors.ts";
import type { TableNames } from "../tables/table-definitions.ts";
import type { Attributes, ConditionalWriter } from "../writer/conditional-write.ts";
import { countDeks } from "./count-deks.ts";
import { dekAttributes, dekItemName, dekKey, readDek, readWrap, wrapAttributes, wrapItemName } from "./dek-items.ts";
import type { DekStore } from "./dek-types.ts";
import { getSummary } from "./get-summary.ts";
import { scanDeks } from "./scan-deks.ts";
import { setStatus } from "./set-status.ts";
import { swapWrap } from "./swap-wrap.ts";

export interface DekStoreDeps {
  readonly client: DynamoDBClient;
  readonly writer: ConditionalWriter;
  readonly tables: Pick<TableNames, "deks">;
}

export function createDekStore({ client, writer, tables }: DekStoreDeps): DekStore {
  const table = tables.deks;
  const store: DekStore = {
    async insert(dek, wrap, options = {}) {
      const wrapKey = dekKey(dek.dekId, wrapItemName(wrap.region));
      // Two calls, wrap first: a crash between them leaves a wrap that nothing names, never a DEK that nothing opens.
      await insertOnce({ client, writer, table }, wrapKey, wrapAttributes(wrap), "blob", options);
      await insertOnce(
        { client, writer, table },
        dekKey(dek.dekId, dekItemName),
        dekAttributes(dek),
        "commitment",
        options,
      );
    },
    async get(dekId, region, options = {}) {
      const wrapName = wrapItemName(region);
      const items = await itemsOf(client, table, dekId, options);
      const dek = items.find(({ item }) => item?.S === dekItemName);
      const wrap = items.find(({ item }) => item?.S === wrapName);
      return dek && wrap ? { dek: readDek(dek), wrap: readWrap(wrap) } : undefined;
    },
    getSummary: (dekId, options = {}) => getSummary(client, table, dekId, options),
    setStatus: (dekId, change, options = {}) => setStatus({ client, writer, table }, dekId, change, options),
    swapWrap: (dekId, region, oldBlob, next, options = {}) =>
      swapWrap({ client, writer, table }, { dekId, region, oldBlob, next }, options),
    scan: (options = {}) => scanDeks(client, table, options),
    count: ({ segments = 4, signal } = {}) => countDeks(store, segments, signal),
  };
  return store;
}

interface Target {
  readonly client: DynamoDBClient;
  readonly writer: ConditionalWriter;
  readonly table: string;
}

/** Inserts an item; one that is there already is accepted when it is the same by its `fingerprint` attribute. */
async function insertOnce(
  { client, writer, table }: Target,
  key: { readonly dekId: AttributeValue; readonly item: AttributeValue },
  item: Attributes,
  fingerprint: string,
  options: CallOptions,
): Promise<void> {
  options.signal?.throwIfAborted();
  const [result] = await writer.write([{ kind: "insert", table, key, item }], options);
  if (result?.kind === "done") return;
  options.signal?.throwIfAborted();
  if (result?.kind === "failed") throw result.error;
  // A write whose answer was lost is sent again by the SDK and then meets itself.
  const [stored] = await batchGet(client, table, [key], { ...options, attributes: [fingerprint] });
  const expected = item[fingerprint]?.B;
  const found = stored?.[fingerprint]?.B;
  if (expected && found && Buffer.compare(expected, found) === 0) return;
  throw new StoreError("STORE_DEK_EXISTS", "another DEK or wrap of that id exists", {
    context: { dekId: key.dekId.S ?? "", item: key.item.S ?? "" },
  });
}

/** The DEK and its wraps of all Regions: one query costs less than reading two items by key. */
async function itemsOf(client: DynamoDBClient, table: string, dekId: string, options: CallOptions) {
  const found: Record<string, AttributeValue>[] = [];
  let from: Record<string, AttributeValue> | undefined;
  do {
    const command = new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: "dekId = :id",
      ExpressionAttributeValues: { ":id": dekKey(dekId, dekItemName).dekId },
      ...(from ? { ExclusiveStartKey: from } : {}),
    });
    const page = await request("Query", options, (http) => client.send(command, http));
    found.push(...(page.Items ?? []));
    from = page.LastEvaluatedKey;
  } while (from);
  return found;
}
