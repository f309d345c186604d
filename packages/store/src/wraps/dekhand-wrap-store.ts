import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dekKey, readWrap, wrapItemName, wrapReplacement } from "../deks/dek-items.ts";
import { placeholder } from "../dynamodb/projection.ts";
import { bytesOf } from "../items/item-reader.ts";
import { text } from "../items/write-values.ts";
import type { TableNames } from "../tables/table-definitions.ts";
import type { Attributes, ConditionalWriter } from "../writer/conditional-write.ts";
import { segmentsWithin } from "./check-call.ts";
import { createKeyCodec } from "./dynamodb/table-key.ts";
import { MAX_SEGMENTS, readFromTable, scanTable, swapInTable, type TableWraps } from "./dynamodb/table-wraps.ts";
import { requireRewrappable } from "./found-wrap.ts";
import type { WrapRef, WrapStore } from "./wrap-types.ts";

export interface DekhandWrapStoreDeps {
  /** Of the Region whose table is read and written, which of global tables may be another one than `region`. */
  readonly client: DynamoDBClient;
  readonly writer: ConditionalWriter;
  readonly tables: Pick<TableNames, "deks">;
  /** Whose wraps: the items `wrap#<region>` of that table, whatever others stand beside them. */
  readonly region: string;
}

const attributes = ["dekId", "item", "keyArn", "material", "blob", "context", "campaign", "wrappedAt"] as const;

/** The wraps of one Region in Dekhand's own table. Throws STORE_VALUE_INVALID for a Region that cannot be in a key. */
export function createDekhandWrapStore({ client, writer, tables, region }: DekhandWrapStoreDeps): WrapStore {
  const item = wrapItemName(region);
  const wraps: TableWraps = {
    client,
    writer,
    table: tables.deks,
    key: createKeyCodec({ partition: { name: "dekId" }, sort: { name: "item" } }),
    attributes,
    filter: { expression: `${placeholder(attributes, "item")} = :item`, values: { ":item": text(item) } },
    blobAttribute: "blob",
    idOf: ({ dekId }) => dekId?.S ?? "",
    keyOf: (id) => dekKey(id, item),
    isWrap: () => true,
    readItem,
    readBlob: ({ blob }) => blob && bytesOf(blob),
    change: ({ oldBlob, next }) => wrapReplacement(oldBlob, next),
  };
  return {
    name: "dekhand",
    region,
    labels: { keyArn: true, material: true, campaign: true },
    segments: (wanted) => segmentsWithin(wanted, MAX_SEGMENTS),
    scan: (segment, options = {}) => scanTable(wraps, segment, options),
    read: (id, options = {}) => readFromTable(wraps, id, options),
    swap: (swaps, options = {}) => swapInTable(wraps, swaps, options),
  };
}

function readItem(item: Attributes): WrapRef {
  const { dekId, region: _, ...wrap } = readWrap(item);
  return { id: dekId, ...wrap, blob: requireRewrappable(dekId, wrap.blob) };
}
