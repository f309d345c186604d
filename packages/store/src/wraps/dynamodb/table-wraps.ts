/**
 * Reads and swaps wraps that are items of a DynamoDB table, Dekhand's or
 * another's: what both adapters have in common.
 */

import { type AttributeValue, type DynamoDBClient, GetItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { batchGet } from "../../dynamodb/batch-get.ts";
import type { CallOptions } from "../../dynamodb/call-options.ts";
import { projection } from "../../dynamodb/projection.ts";
import { request } from "../../dynamodb/request.ts";
import { storeFailure } from "../../dynamodb/store-failure.ts";
import type { Attributes, ConditionalWriter, UpdateWrite } from "../../writer/conditional-write.ts";
import { requireScan } from "../check-call.ts";
import { readPage } from "../found-wrap.ts";
import { failedSwap, outcomeOf } from "../swap-outcomes.ts";
import type { SwapOutcome, WrapPage, WrapRef, WrapScanOptions, WrapSegment, WrapSwap } from "../wrap-types.ts";
import type { KeyCodec } from "./table-key.ts";

/** DynamoDB's limit. */
export const MAX_SEGMENTS = 1_000_000;

export interface TableWraps {
  readonly client: DynamoDBClient;
  readonly writer: ConditionalWriter;
  readonly table: string;
  /** Of the table; cursors are its texts. */
  readonly key: KeyCodec;
  /** What is read of an item, key included. */
  readonly attributes: readonly string[];
  /** Which items of a scan are wraps at all, in the names that `placeholder` gives. */
  readonly filter: { readonly expression: string; readonly values?: Record<string, AttributeValue> };
  readonly blobAttribute: string;
  idOf(item: Attributes): string;
  /** Throws STORE_VALUE_INVALID. */
  keyOf(id: string): Record<string, AttributeValue>;
  /** Of an item read by key. */
  isWrap(item: Attributes): boolean;
  /** Throws STORE_ITEM_MALFORMED. */
  readItem(item: Attributes): WrapRef;
  /** Undefined where it cannot be read. */
  readBlob(item: Attributes): Uint8Array | undefined;
  /** The write but for table and key. */
  change(swap: WrapSwap): Pick<UpdateWrite, "when" | "set" | "remove">;
}

export async function scanTable(wraps: TableWraps, segment: WrapSegment, options: WrapScanOptions): Promise<WrapPage> {
  const { client, table, key, attributes, filter } = wraps;
  const { cursor, consistent = false, signal } = options;
  const command = new ScanCommand({
    TableName: table,
    Segment: segment.index,
    TotalSegments: segment.of,
    Limit: requireScan(segment, options, MAX_SEGMENTS),
    ConsistentRead: consistent,
    FilterExpression: filter.expression,
    ...projection(attributes),
    ...(filter.values ? { ExpressionAttributeValues: filter.values } : {}),
    ...(cursor === undefined ? {} : { ExclusiveStartKey: key.toKey(cursor) }),
  });
  const { Items = [], LastEvaluatedKey } = await request("Scan", { signal }, (http) => client.send(command, http));
  const page = readPage(Items, wraps.idOf, wraps.readItem);
  return LastEvaluatedKey ? { ...page, cursor: key.toText(LastEvaluatedKey) } : page;
}

export async function readFromTable(wraps: TableWraps, id: string, options: CallOptions): Promise<WrapRef | undefined> {
  const { client, table, attributes } = wraps;
  const input = { TableName: table, Key: wraps.keyOf(id), ConsistentRead: true, ...projection(attributes) };
  const { Item } = await request("GetItem", options, (http) => client.send(new GetItemCommand(input), http));
  return Item && wraps.isWrap(Item) ? wraps.readItem(Item) : undefined;
}

export async function swapInTable(
  wraps: TableWraps,
  swaps: readonly WrapSwap[],
  options: CallOptions,
): Promise<readonly SwapOutcome[]> {
  const outcomes: SwapOutcome[] = [];
  const failed = (error: unknown) => failedSwap(error, options.signal, (cause) => storeFailure(cause, "BatchGetItem"));
  const sent: { readonly index: number; readonly swap: WrapSwap; readonly write: UpdateWrite }[] = [];
  for (const [index, swap] of swaps.entries()) {
    try {
      const write = { kind: "update", table: wraps.table, key: wraps.keyOf(swap.id), ...wraps.change(swap) } as const;
      sent.push({ index, swap, write });
    } catch (error) {
      outcomes[index] = failed(error);
    }
  }
  const results = await wraps.writer.write(
    sent.map(({ write }) => write),
    options,
  );
  const unsure = sent.filter(({ index }, position) => {
    const result = results[position];
    if (result?.kind === "failed") outcomes[index] = result;
    if (result?.kind === "done") outcomes[index] = { kind: "swapped" };
    return outcomes[index] === undefined;
  });
  try {
    const blobs = await blobsOf(wraps, new Map(unsure.map(({ swap, write }) => [swap.id, write.key])), options);
    for (const { index, swap } of unsure) outcomes[index] = outcomeOf(swap, blobs.get(swap.id));
  } catch (error) {
    for (const { index } of unsure) outcomes[index] = failed(error);
  }
  return outcomes;
}

/** What is stored now under those keys. A blob that cannot be read is another one, whatever it is. */
async function blobsOf(
  { client, table, key, blobAttribute, idOf, isWrap, readBlob }: TableWraps,
  keys: ReadonlyMap<string, Attributes>,
  options: CallOptions,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const attributes = [...key.names, blobAttribute];
  const items = await batchGet(client, table, [...keys.values()], { ...options, attributes });
  return new Map(items.filter(isWrap).map((item) => [idOf(item), readBlob(item) ?? new Uint8Array()]));
}
