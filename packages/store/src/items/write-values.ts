/** Attribute values by hand: the SDK's document client would double the cost of a small call. */

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { escapeMapKey } from "./map-keys.ts";

export function text(value: string): AttributeValue.SMember {
  return { S: value };
}

export function integer(value: number): AttributeValue.NMember {
  return { N: String(value) };
}

export function bytes(value: Uint8Array): AttributeValue.BMember {
  return { B: value };
}

export function map<T>(
  entries: Readonly<Record<string, T>>,
  value: (entry: T) => AttributeValue,
): AttributeValue.MMember {
  return { M: Object.fromEntries(Object.entries(entries).map(([key, entry]) => [escapeMapKey(key), value(entry)])) };
}

export function textMap(entries: Readonly<Record<string, string>>): AttributeValue.MMember {
  return map(entries, text);
}
