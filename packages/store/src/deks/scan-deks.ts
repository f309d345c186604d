import { type AttributeValue, type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { projection } from "../dynamodb/projection.ts";
import { request } from "../dynamodb/request.ts";
import { StoreError } from "../errors.ts";
import { itemIds, readSummary, summaryAttributes } from "./dek-items.ts";
import type { DekPage, DekSummary, ScanOptions, WrapSummary } from "./dek-types.ts";

/** Reads the whole table, or one parallel segment of it, page by page; the next page is read when it is asked for. */
export async function* scanDeks(
  client: DynamoDBClient,
  table: string,
  { segment, pageSize, consistent = false, signal }: ScanOptions,
): AsyncGenerator<DekPage> {
  let from: Record<string, AttributeValue> | undefined;
  do {
    const command = new ScanCommand({
      TableName: table,
      ConsistentRead: consistent,
      ...projection(summaryAttributes),
      ...(segment ? { Segment: segment.index, TotalSegments: segment.of } : {}),
      ...(pageSize === undefined ? {} : { Limit: pageSize }),
      ...(from ? { ExclusiveStartKey: from } : {}),
    });
    const page = await request("Scan", { signal }, (http) => client.send(command, http));
    yield readPage(page.Items ?? []);
    from = page.LastEvaluatedKey;
  } while (from);
}

function readPage(items: readonly Record<string, AttributeValue>[]): DekPage {
  const deks: DekSummary[] = [];
  const wraps: WrapSummary[] = [];
  const malformed: { dekId: string; item: string }[] = [];
  for (const item of items) {
    try {
      const summary = readSummary(item);
      if (summary.kind === "dek") deks.push(summary.dek);
      else wraps.push(summary.wrap);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      malformed.push(itemIds(item));
    }
  }
  return { deks, wraps, malformed };
}
