import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { batchGet } from "../dynamodb/batch-get.ts";
import type { CallOptions } from "../dynamodb/call-options.ts";
import { StoreError } from "../errors.ts";
import type { Attributes } from "../writer/conditional-write.ts";
import type { DekFound } from "./dek-copy-types.ts";
import { dekItemName, dekKey, itemIds, readDek, readWrap, wrapItemName } from "./dek-items.ts";

/** What the table has of these DEKs and of their wraps for one Region. Throws StoreError, and the signal's reason. */
export async function getMany(
  { client, table, region }: { readonly client: DynamoDBClient; readonly table: string; readonly region: string },
  dekIds: readonly string[],
  options: CallOptions,
): Promise<ReadonlyMap<string, DekFound>> {
  options.signal?.throwIfAborted();
  const names = [dekItemName, wrapItemName(region)];
  const found = new Map(dekIds.map((dekId): [string, DekFound] => [dekId, { dekId, unreadable: [] }]));
  const keys = [...found.keys()].flatMap((dekId) => names.map((name) => dekKey(dekId, name)));
  for (const item of await batchGet(client, table, keys, options)) {
    const { dekId } = itemIds(item);
    const known = found.get(dekId);
    if (known) found.set(dekId, { ...known, ...readPart(item, known) });
  }
  return found;
}

function readPart(item: Attributes, { unreadable }: DekFound): Partial<DekFound> {
  const part = itemIds(item).item === dekItemName ? "dek" : "wrap";
  try {
    return part === "dek" ? { dek: readDek(item) } : { wrap: readWrap(item) };
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "STORE_ITEM_MALFORMED") throw error;
    return { unreadable: [...unreadable, part] };
  }
}
