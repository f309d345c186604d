/**
 * Reads a stored item attribute by attribute and checks what it finds: whoever
 * can write the table can put anything there. A wrong shape is
 * STORE_ITEM_MALFORMED, which names the item's key and the attribute and never
 * repeats a value. Attributes that are not asked for are ignored.
 */

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { SafeContext } from "@dekhand/errors";
import { StoreError } from "../errors.ts";
import { unescapeMapKey } from "./map-keys.ts";

export interface ItemReader {
  text(name: string): string;
  optionalText(name: string): string | undefined;
  /** One of the given texts. */
  choice<const T extends string>(name: string, choices: readonly T[]): T;
  /** A safe integer of at least `min` (default 0). */
  integer(name: string, min?: number): number;
  optionalInteger(name: string, min?: number): number | undefined;
  /** `length` bytes where it is given. */
  bytes(name: string, length?: number): Buffer;
  optionalBytes(name: string): Buffer | undefined;
  /** Each value read by `read`; keys as they were written. */
  map<T>(name: string, read: (value: AttributeValue) => T | undefined): Readonly<Record<string, T>>;
  textMap(name: string): Readonly<Record<string, string>>;
  malformed(name: string): StoreError;
}

export function readItem(item: Readonly<Record<string, AttributeValue>>, key: SafeContext): ItemReader {
  const at = (name: string): AttributeValue | undefined => (Object.hasOwn(item, name) ? item[name] : undefined);

  const malformed = (attribute: string) =>
    new StoreError("STORE_ITEM_MALFORMED", "a stored item does not have the expected shape", {
      context: { ...key, attribute },
    });

  const required = <T>(name: string, value: T | undefined): T => {
    if (value === undefined) throw malformed(name);
    return value;
  };

  /** Absent stays absent; present must be readable. */
  const optional = <T>(name: string, read: (value: AttributeValue) => T | undefined): T | undefined => {
    const value = at(name);
    return value === undefined ? undefined : required(name, read(value));
  };

  const reader: ItemReader = {
    malformed,
    optionalText: (name) => optional(name, textOf),
    text: (name) => required(name, reader.optionalText(name)),
    choice: (name, choices) => {
      const found = reader.text(name);
      return required(
        name,
        choices.find((choice) => choice === found),
      );
    },
    optionalInteger: (name, min = 0) =>
      optional(name, (value) => {
        const number = integerOf(value);
        return number !== undefined && number >= min ? number : undefined;
      }),
    integer: (name, min) => required(name, reader.optionalInteger(name, min)),
    optionalBytes: (name) => optional(name, bytesOf),
    bytes: (name, length) => {
      const found = required(name, reader.optionalBytes(name));
      if (length !== undefined && found.length !== length) throw malformed(name);
      return found;
    },
    map: (name, read) =>
      required(
        name,
        optional(name, (value) => mapOf(value, read)),
      ),
    textMap: (name) => reader.map(name, textOf),
  };
  return reader;
}

export function textOf(value: AttributeValue): string | undefined {
  return value.S;
}

export function bytesOf({ B: value }: AttributeValue): Buffer | undefined {
  return value === undefined ? undefined : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function integerOf({ N: digits }: AttributeValue): number | undefined {
  if (digits === undefined || !/^-?\d+$/.test(digits)) return undefined;
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : undefined;
}

export function mapOf<T>(
  { M: members }: AttributeValue,
  read: (value: AttributeValue) => T | undefined,
): Readonly<Record<string, T>> | undefined {
  if (members === undefined) return undefined;
  const entries: [string, T][] = [];
  for (const [key, member] of Object.entries(members)) {
    const value = read(member);
    if (value === undefined) return undefined;
    entries.push([unescapeMapKey(key), value]);
  }
  // fromEntries defines own properties, so a key named __proto__ is data like any other.
  return Object.fromEntries(entries);
}
