import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { batchGet } from "../dynamodb/batch-get.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import type { ConditionalWriter } from "../writer/conditional-write.ts";
import { dekKey, wrapItemName, wrapReplacement } from "./dek-items.ts";
import type { WrapChange, WrapSwapped } from "./dek-types.ts";

export interface SwapTarget {
  readonly client: DynamoDBClient;
  readonly writer: ConditionalWriter;
  readonly table: string;
}

export interface SwapRequest {
  readonly dekId: string;
  readonly region: string;
  /** What was read. ReEncrypt's output is random, so an equal blob is an unchanged one. */
  readonly oldBlob: Uint8Array;
  readonly next: WrapChange;
}

/** Replaces a wrap that is still as it was read. Throws StoreError, and the signal's reason. */
export async function swapWrap(
  { client, writer, table }: SwapTarget,
  { dekId, region, oldBlob, next }: SwapRequest,
  options: CallOptions,
): Promise<WrapSwapped> {
  options.signal?.throwIfAborted();
  const key = dekKey(dekId, wrapItemName(region));
  const [result] = await writer.write([{ kind: "update", table, key, ...wrapReplacement(oldBlob, next) }], options);
  if (result?.kind === "done") return "swapped";
  options.signal?.throwIfAborted();
  if (result?.kind === "failed") throw result.error;
  // A write whose answer was lost is sent again by the SDK and then meets itself.
  const [stored] = await batchGet(client, table, [key], { ...options, attributes: ["item", "blob"] });
  if (!stored) return "gone";
  const found = stored.blob?.B;
  return found && Buffer.compare(next.blob, found) === 0 ? "swapped" : "conflict";
}
