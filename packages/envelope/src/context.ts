/**
 * Encryption contexts and their one canonical form.
 *
 * Canonical: each key and value as UTF-8 with its length (u32, big-endian) in
 * front, entries in the order of their keys' UTF-8 bytes. Strings that are not
 * well-formed Unicode have no UTF-8 form of their own, so they are refused; keys
 * like `__proto__` are ordinary keys.
 */

import { invalidInput } from "./errors.ts";

/** Names and values that an envelope is bound to. Public: no secrets in it. */
export type EncryptionContext = Readonly<Record<string, string>>;

/**
 * The canonical form of a context, as it goes into an envelope's associated data. Equal contexts, and only those, have
 * the same.
 *
 * @throws EnvelopeError `ENVELOPE_INPUT_INVALID` for ill-formed Unicode, values that are no strings, or over 1 MiB
 */
export function canonicalContext(context: EncryptionContext): Buffer {
  const entries = readEntries(context);
  const bytes = Buffer.allocUnsafeSlow(maxEntriesBytes(entries));
  const end = checkBindingBytes(writeEntries(bytes, 0, entries));
  return Buffer.from(bytes.subarray(0, end));
}

/** Whether both have the same keys with the same values. A context that is no valid one equals none, not even itself. */
export function sameContext(a: EncryptionContext, b: EncryptionContext): boolean {
  if (!isPlainObject(a) || !isPlainObject(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => {
    const value = a[key];
    return isWellFormed(key) && isWellFormed(value) && Object.hasOwn(b, key) && b[key] === value;
  });
}

function isWellFormed(value: unknown): boolean {
  return typeof value === "string" && value.isWellFormed();
}

/** Keys and values in turn, in canonical order: read once, so that what was checked is what is written. */
export type ContextEntries = readonly string[];

export function readEntries(context: EncryptionContext): ContextEntries {
  if (!isPlainObject(context)) throw invalidInput("an encryption context is an object of strings");
  const entries: string[] = [];
  for (const key of sortByUtf8(Object.keys(context))) {
    const value: unknown = context[key];
    if (typeof value !== "string") throw invalidInput("a value of the encryption context is not a string");
    entries.push(key, value);
  }
  return entries;
}

/** In place. Insertion, because for the few keys of a context Array.sort costs more than all the rest. */
function sortByUtf8(keys: string[]): string[] {
  if (keys.length > 16) return keys.sort(compareUtf8);
  for (let at = 1; at < keys.length; at++) {
    const key = keys[at] ?? "";
    let to = at;
    for (; to > 0; to--) {
      const before = keys[to - 1] ?? "";
      if (compareUtf8(before, key) <= 0) break;
      keys[to] = before;
    }
    keys[to] = key;
  }
  return keys;
}

/** What a context's form takes at most, in bytes, told without encoding it. */
export function maxEntriesBytes(entries: ContextEntries): number {
  let bytes = 0;
  for (const text of entries) bytes += maxTextBytes(text);
  return bytes;
}

export function maxTextBytes(text: string): number {
  // UTF-8 has at least one byte a UTF-16 unit, and at most three.
  checkBindingBytes(text.length);
  return LENGTH_BYTES + 3 * text.length;
}

/** Returns where the form ends. */
export function writeEntries(into: Buffer, at: number, entries: ContextEntries): number {
  let end = at;
  for (const text of entries) end = writeText(into, end, text);
  return end;
}

/** Length and text; returns where it ends. Refuses ill-formed Unicode, for which `write` would put in U+FFFD. */
export function writeText(into: Buffer, at: number, text: string): number {
  const length = into.write(text, at + LENGTH_BYTES, "utf8");
  // As many bytes as units: all of it is ASCII.
  if (length !== text.length && !text.isWellFormed()) throw invalidInput("a text is not well-formed Unicode");
  into.writeUInt32BE(length, at);
  return at + LENGTH_BYTES + length;
}

export const LENGTH_BYTES = 4;
const MAX_BINDING_BYTES = 1024 * 1024;

/** Refuses what is longer than the format allows, so that no length outgrows its 32 bits. */
export function checkBindingBytes(bytes: number): number {
  if (bytes > MAX_BINDING_BYTES) throw invalidInput(`an envelope is bound to at most ${MAX_BINDING_BYTES} bytes`);
  return bytes;
}

/** Maps, arrays and class instances are refused: what they hold is in part no own property, and would be left out. */
function isPlainObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Not compared with this realm's Object.prototype: an object of another realm is as plain.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The order of two well-formed strings' UTF-8 bytes, which is that of their code points. */
export function compareUtf8(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others, though their own numbers lie below U+E000 to U+FFFF. */
function codePointRank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
