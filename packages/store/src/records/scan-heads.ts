import { type DynamoDBClient, GetItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { placeholder, projection } from "../dynamodb/projection.ts";
import { request } from "../dynamodb/request.ts";
import { StoreError } from "../errors.ts";
import { malformedReason } from "../items/malformed-reason.ts";
import { text } from "../items/write-values.ts";
import { requireScan } from "../wraps/check-call.ts";
import { createKeyCodec } from "../wraps/dynamodb/table-key.ts";
import { MAX_SEGMENTS } from "../wraps/dynamodb/table-wraps.ts";
import type { Attributes } from "../writer/conditional-write.ts";
import { headItemName, headLabelAttributes, readRecordHead, recordKey } from "./record-items.ts";
import type { HeadPage, HeadScanOptions, MalformedHead, RecordHead } from "./record-types.ts";

interface Source {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** Cursors are its texts. */
const key = createKeyCodec({ partition: { name: "recordId" }, sort: { name: "item" } });

/** DynamoDB reads, and charges for, whole items; only the labels travel. */
export async function scanHeads(
  { client, table }: Source,
  segment: { readonly index: number; readonly of: number },
  options: HeadScanOptions,
): Promise<HeadPage> {
  const { cursor, consistent = false, signal } = options;
  const command = new ScanCommand({
    TableName: table,
    Segment: segment.index,
    TotalSegments: segment.of,
    Limit: requireScan(segment, options, MAX_SEGMENTS),
    ConsistentRead: consistent,
    ...projection(headLabelAttributes),
    FilterExpression: `${placeholder(headLabelAttributes, "item")} = :head`,
    ExpressionAttributeValues: { ":head": text(headItemName) },
    ...(cursor === undefined ? {} : { ExclusiveStartKey: key.toKey(cursor) }),
  });
  const { Items = [], LastEvaluatedKey } = await request("Scan", { signal }, (http) => client.send(command, http));
  const page = readHeads(Items);
  return LastEvaluatedKey ? { ...page, cursor: key.toText(LastEvaluatedKey) } : page;
}

export async function getHead(
  { client, table }: Source,
  recordId: string,
  options: CallOptions,
): Promise<RecordHead | undefined> {
  const command = new GetItemCommand({
    TableName: table,
    Key: recordKey(recordId, headItemName),
    ConsistentRead: true,
    ...projection(headLabelAttributes),
  });
  const { Item } = await request("GetItem", options, (http) => client.send(command, http));
  return Item && readRecordHead(Item);
}

/** One that cannot be read hides no other. */
export function readHeads(items: readonly Attributes[]): Omit<HeadPage, "cursor"> {
  const heads: RecordHead[] = [];
  const malformed: MalformedHead[] = [];
  for (const item of items) {
    try {
      heads.push(readRecordHead(item));
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== "STORE_ITEM_MALFORMED") throw error;
      const dekId = item.dekId?.S;
      const named = dekId === undefined ? {} : { dekId };
      malformed.push({ recordId: item.recordId?.S ?? "", ...named, reason: malformedReason(error) });
    }
  }
  return { heads, malformed };
}
