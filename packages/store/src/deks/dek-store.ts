/**
 * Where DEKs and their wraps are kept.
 *
 * Owns the `deks` table's items. Fails with StoreErrors. Leaves to others what a
 * wrap is worth: the key ARN and context beside it are labels.
 */

import { type AttributeValue, type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { singleCopy } from "../copies/single-copy.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { request } from "../dynamodb/request.ts";
import type { TableNames } from "../tables/table-definitions.ts";
import type { ConditionalWriter } from "../writer/conditional-write.ts";
import { countDeks } from "./count-deks.ts";
import { dekItemName, dekKey, readDek, readWrap, wrapItemName } from "./dek-items.ts";
import type { DekStore } from "./dek-types.ts";
import { getMany } from "./get-many.ts";
import { getSummary } from "./get-summary.ts";
import { insertDek } from "./insert-dek.ts";
import { putDekCopies } from "./put-dek-copies.ts";
import { putWrapCopies } from "./put-wrap-copies.ts";
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
    insert: (dek, wrap, options = {}) => insertDek({ client, writer, table }, dek, wrap, options),
    async get(dekId, region, options = {}) {
      const wrapName = wrapItemName(region);
      const items = await itemsOf(client, table, dekId, options);
      const dek = items.find(({ item }) => item?.S === dekItemName);
      const wrap = items.find(({ item }) => item?.S === wrapName);
      return dek && wrap ? { dek: readDek(dek), wrap: readWrap(wrap) } : undefined;
    },
    getMany: (dekIds, region, options = {}) => getMany({ client, table, region }, dekIds, options),
    getSummary: (dekId, options = {}) => getSummary(client, table, dekId, options),
    setStatus: (dekId, change, options = {}) => setStatus({ client, writer, table }, dekId, change, options),
    swapWrap: (dekId, region, oldBlob, next, options = {}) =>
      swapWrap({ client, writer, table }, { dekId, region, oldBlob, next }, options),
    putDekCopies: (copies, options = {}) => putDekCopies({ client, writer, table }, copies, options),
    putDekCopy: (dek, { replaces, signal } = {}) =>
      singleCopy({ signal }, () =>
        store.putDekCopies([{ dek, ...(replaces === undefined ? {} : { replaces }) }], { signal }),
      ),
    putWrapCopies: (copies, options = {}) => putWrapCopies({ client, writer, table }, copies, options),
    putWrapCopy: (dekId, wrap, expected, options = {}) =>
      singleCopy(options, () => store.putWrapCopies([{ wrap: { ...wrap, dekId }, expected }], options)),
    scan: (options = {}) => scanDeks(client, table, options),
    count: ({ segments = 4, signal } = {}) => countDeks(store, segments, signal),
  };
  return store;
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
