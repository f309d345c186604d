import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { placeholder } from "../../dynamodb/projection.ts";
import type { ConditionalWriter } from "../../writer/conditional-write.ts";
import { requireStoreName, segmentsWithin } from "../check-call.ts";
import type { WrapStore } from "../wrap-types.ts";
import { mappedChange, readMapped, readMappedBlob } from "./mapped-item.ts";
import { createKeyCodec } from "./table-key.ts";
import { MAX_SEGMENTS, readFromTable, scanTable, swapInTable, type TableWraps } from "./table-wraps.ts";
import { type DynamodbWrapMapping, mappedAttributes, requireMapping } from "./wrap-mapping.ts";

export interface DynamodbWrapStoreOptions {
  readonly client: DynamoDBClient;
  readonly writer: ConditionalWriter;
  readonly name: string;
  /** The Region whose KMS the wraps belong to. */
  readonly region: string;
  readonly table: string;
  readonly mapping: DynamodbWrapMapping;
}

/**
 * The wraps in a DynamoDB table that was there before. It needs no new
 * attribute: a swap is conditional on the blob itself. The id of a wrap is its
 * item's key. Throws STORE_VALUE_INVALID for a name or mapping that cannot work.
 */
export function createDynamodbWrapStore(options: DynamodbWrapStoreOptions): WrapStore {
  const { client, writer, region, table } = options;
  const mapping = requireMapping(table, options.mapping);
  const { partition, sort, blob, keyArn, labels = {} } = mapping;
  const key = createKeyCodec({ partition, ...(sort ? { sort } : {}) });
  const attributes = mappedAttributes(mapping);
  const wraps: TableWraps = {
    client,
    writer,
    table,
    key,
    attributes,
    filter: { expression: `attribute_exists(${placeholder(attributes, blob.attribute)})` },
    blobAttribute: blob.attribute,
    idOf: key.toText,
    keyOf: key.toKey,
    isWrap: (item) => Object.hasOwn(item, blob.attribute),
    readItem: (item) => readMapped(item, key.toText(item), mapping),
    readBlob: (item) => readMappedBlob(item, mapping),
    change: (swap) => mappedChange(swap, mapping),
  };
  return {
    name: requireStoreName(options.name),
    region,
    labels: {
      keyArn: keyArn !== undefined && "attribute" in keyArn,
      material: labels.material !== undefined,
      campaign: labels.campaign !== undefined,
    },
    segments: (wanted) => segmentsWithin(wanted, MAX_SEGMENTS),
    scan: (segment, scanning = {}) => scanTable(wraps, segment, scanning),
    read: (id, call = {}) => readFromTable(wraps, id, call),
    swap: (swaps, call = {}) => swapInTable(wraps, swaps, call),
  };
}
