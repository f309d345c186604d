import { type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { projection } from "../dynamodb/projection.ts";
import { request } from "../dynamodb/request.ts";
import { dekItemName, dekKey, readSummary, summaryAttributes } from "./dek-items.ts";
import type { DekSummary } from "./dek-types.ts";

/** What a DEK says of itself. Throws STORE_ITEM_MALFORMED, other StoreErrors, and the signal's reason. */
export async function getSummary(
  client: DynamoDBClient,
  table: string,
  dekId: string,
  options: CallOptions,
): Promise<DekSummary | undefined> {
  const command = new GetItemCommand({
    TableName: table,
    Key: dekKey(dekId, dekItemName),
    ConsistentRead: true,
    ...projection(summaryAttributes),
  });
  const { Item } = await request("GetItem", options, (http) => client.send(command, http));
  const found = Item && readSummary(Item);
  return found?.kind === "dek" ? found.dek : undefined;
}
