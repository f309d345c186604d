/**
 * The key of an item as one text: the id of a wrap, and the cursor of a scan.
 *
 * A key of one attribute is its value; one of two is a JSON array of both. Bytes
 * are base64. The types are the table's, so no two keys have one text.
 */

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { StoreError } from "../../errors.ts";
import { MAX_PARTITION_KEY_BYTES, MAX_SORT_KEY_BYTES } from "../../items/keys.ts";
import type { Attributes } from "../../writer/conditional-write.ts";
import { asBuffer, decodeBlobText } from "../blob-encoding.ts";

export interface KeyAttribute {
  readonly name: string;
  /** Text, number or bytes. Default `S`. */
  readonly type?: "S" | "N" | "B";
}

export interface TableKey {
  readonly partition: KeyAttribute;
  readonly sort?: KeyAttribute;
}

export interface KeyCodec {
  readonly names: readonly string[];
  /** Of an item as DynamoDB returns it, which always has its key. */
  toText(item: Attributes): string;
  /** Throws STORE_VALUE_INVALID for a text that no key of this table has. */
  toKey(text: string): Record<string, AttributeValue>;
}

export function createKeyCodec({ partition, sort }: TableKey): KeyCodec {
  const attributes = sort ? [partition, sort] : [partition];
  const names = attributes.map(({ name }) => name);
  return {
    names,
    toText(item) {
      const parts = attributes.map(({ name, type = "S" }) => partText(item[name], type));
      return sort ? JSON.stringify(parts) : (parts[0] ?? "");
    },
    toKey(text) {
      const parts = sort ? parsePair(text) : [text];
      return Object.fromEntries(
        attributes.map(({ name, type = "S" }, position) => {
          const value = partValue(parts?.[position] ?? "", type, position);
          if (value === undefined) throw noKey(names);
          return [name, value] as const;
        }),
      );
    },
  };
}

function partText(value: AttributeValue | undefined, type: "S" | "N" | "B"): string {
  if (type === "B") return value?.B === undefined ? "" : asBuffer(value.B).toString("base64");
  return value?.[type] ?? "";
}

function partValue(part: string, type: "S" | "N" | "B", position: number): AttributeValue | undefined {
  const limit = position === 0 ? MAX_PARTITION_KEY_BYTES : MAX_SORT_KEY_BYTES;
  if (type === "N") return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(part) ? { N: part } : undefined;
  if (type === "S") return isWithin(Buffer.byteLength(part), limit) && part.isWellFormed() ? { S: part } : undefined;
  const bytes = decodeBlobText(part);
  return bytes && isWithin(bytes.length, limit) ? { B: bytes } : undefined;
}

function isWithin(length: number, limit: number): boolean {
  return length > 0 && length <= limit;
}

function parsePair(text: string): readonly string[] | undefined {
  try {
    const parts: unknown = JSON.parse(text);
    if (!Array.isArray(parts) || parts.length !== 2) return undefined;
    return parts.every((part) => typeof part === "string") ? parts : undefined;
  } catch {
    return undefined;
  }
}

function noKey(names: readonly string[]): StoreError {
  return new StoreError("STORE_VALUE_INVALID", `the text is no key of a table with the key ${names.join(", ")}`);
}
