import { type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import type { CallOptions } from "../../dynamodb/call-options.ts";
import { request } from "../../dynamodb/request.ts";
import { bytes } from "../../items/write-values.ts";
import { stateKey, transitKind, transitWrapValue } from "../../state/state-items.ts";
import { isConditionFailure } from "../../state/state-table.ts";
import type { WrapSwap } from "../wrap-types.ts";
import { regionAttribute } from "./transit-wrap.ts";

export interface TransitTable {
  readonly client: DynamoDBClient;
  /** The state table's name. */
  readonly table: string;
  readonly region: string;
}

/**
 * Replaces the Region's wrap, where its blob is still the one that was read, and nothing else of the key's item: other
 * Regions' wraps may be swapped at the same time. False where it is not. Throws StoreError, and the signal's reason.
 */
export async function swapTransitWrap(
  { client, table, region }: TransitTable,
  { id, oldBlob, next }: WrapSwap,
  options: CallOptions,
): Promise<boolean> {
  const command = new UpdateItemCommand({
    TableName: table,
    Key: stateKey(transitKind, id),
    ConditionExpression: "#wraps.#region.#blob = :old",
    UpdateExpression: "SET #wraps.#region = :next",
    ExpressionAttributeNames: { "#wraps": "wraps", "#region": regionAttribute(region), "#blob": "blob" },
    ExpressionAttributeValues: { ":old": bytes(oldBlob), ":next": transitWrapValue(next) },
  });
  try {
    await request("UpdateItem", options, (http) => client.send(command, http));
    return true;
  } catch (error) {
    if (isConditionFailure(error)) return false;
    throw error;
  }
}
