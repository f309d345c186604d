import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { text } from "../items/write-values.ts";
import type { ConditionalWriter } from "../writer/conditional-write.ts";
import { dekItemName, dekKey } from "./dek-items.ts";
import type { DekStatusChange, DekStatusChanged } from "./dek-types.ts";
import { getSummary } from "./get-summary.ts";

export interface StatusTarget {
  readonly client: DynamoDBClient;
  readonly writer: ConditionalWriter;
  readonly table: string;
}

/** Changes the status of a DEK that still has the one that was read. Throws StoreError, and the signal's reason. */
export async function setStatus(
  { client, writer, table }: StatusTarget,
  dekId: string,
  { from, to, at }: DekStatusChange,
  options: CallOptions,
): Promise<DekStatusChanged> {
  options.signal?.throwIfAborted();
  const key = dekKey(dekId, dekItemName);
  const set = { status: text(to), statusAt: text(at) };
  const [result] = await writer.write([{ kind: "update", table, key, when: { status: text(from) }, set }], options);
  if (result?.kind === "done") return "changed";
  options.signal?.throwIfAborted();
  if (result?.kind === "failed") throw result.error;
  // A write whose answer was lost is sent again by the SDK and then meets itself.
  const stored = await getSummary(client, table, dekId, options);
  if (!stored) return "gone";
  return stored.status === to && stored.statusAt === at ? "changed" : "conflict";
}
