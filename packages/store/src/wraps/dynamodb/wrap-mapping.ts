/** How a table of others is read: which attribute holds what. */

import { StoreError } from "../../errors.ts";
import type { BlobEncoding } from "../blob-encoding.ts";
import type { KeyAttribute } from "./table-key.ts";

export interface DynamodbWrapMapping {
  readonly partition: KeyAttribute;
  readonly sort?: KeyAttribute;
  /** Items without this attribute are no wraps. */
  readonly blob: { readonly attribute: string; readonly encoding?: BlobEncoding };
  /** Where the ARN of the wrapping key is kept, or one for all; absent: the store does not tell. */
  readonly keyArn?: { readonly attribute: string } | { readonly constant: string };
  /** Attributes to keep labels in. A swap writes them, so they may be new to the table. */
  readonly labels?: { readonly material?: string; readonly campaign?: string; readonly wrappedAt?: string };
  /** The KMS encryption context. */
  readonly context?: {
    /** Context key to the attribute with its value: text, or a number as DynamoDB spells it. An item must have them all. */
    readonly attributes?: Readonly<Record<string, string>>;
    /** Context key to value. */
    readonly constants?: Readonly<Record<string, string>>;
  };
}

/** What the writer can name inside a statement. */
const attributeName = /^[A-Za-z_][A-Za-z0-9_-]{0,254}$/;
const tableName = /^[A-Za-z0-9_.-]{3,255}$/;

/**
 * Throws STORE_VALUE_INVALID for a mapping that could not work: names that
 * cannot be written, one attribute for two things, or a context or key that a
 * swap would change.
 */
export function requireMapping(table: string, mapping: DynamodbWrapMapping): DynamodbWrapMapping {
  const { context = {} } = mapping;
  if (!tableName.test(table)) throw invalid("the table's name is outside what DynamoDB takes");
  const read = [...keyNames(mapping), ...Object.values(context.attributes ?? {})];
  const swapped = [mapping.blob.attribute, ...labelAttributes(mapping)];
  if (![...read, ...swapped].every((name) => attributeName.test(name))) {
    throw invalid("an attribute's name must be a letter or _, then letters, digits, _ or -");
  }
  if (new Set(keyNames(mapping)).size !== keyNames(mapping).length || new Set(swapped).size !== swapped.length) {
    throw invalid("one attribute is named for two things");
  }
  if (swapped.some((name) => read.includes(name))) {
    throw invalid("a swap would change an attribute of the key or of the KMS context");
  }
  if (Object.keys(context.constants ?? {}).some((key) => Object.hasOwn(context.attributes ?? {}, key))) {
    throw invalid("a context key has both an attribute and a constant");
  }
  return mapping;
}

/** All that is read of an item, each once. */
export function mappedAttributes(mapping: DynamodbWrapMapping): readonly string[] {
  const context = Object.values(mapping.context?.attributes ?? {});
  return [...new Set([...keyNames(mapping), mapping.blob.attribute, ...labelAttributes(mapping), ...context])];
}

function keyNames({ partition, sort }: DynamodbWrapMapping): readonly string[] {
  return sort ? [partition.name, sort.name] : [partition.name];
}

function labelAttributes({ keyArn, labels = {} }: DynamodbWrapMapping): readonly string[] {
  const ofKeyArn = keyArn && "attribute" in keyArn ? keyArn.attribute : undefined;
  return [ofKeyArn, labels.material, labels.campaign, labels.wrappedAt].filter((name) => name !== undefined);
}

function invalid(message: string): StoreError {
  return new StoreError("STORE_VALUE_INVALID", message);
}
