/**
 * Takes the top-level member `"Plaintext": "<base64>"` out of a JSON document's
 * bytes.
 *
 * It reads no more JSON than it must to know what is top level: where anything
 * is not as expected (no object, two such members, an escaped or broken value),
 * it finds nothing, and the caller lets the document be.
 */
import { decodeBase64 } from "./base64.ts";

export interface CutDocument {
  readonly plaintext: Buffer;
  /** The document with `null` in the place of the value. */
  readonly rest: Buffer;
}

/** Undefined where there is no such member. `json` itself stays as it is: the caller wipes it. */
export function cutPlaintext(json: Uint8Array): CutDocument | undefined {
  const value = findMember(json, memberName);
  if (value === undefined) return undefined;
  const plaintext = decodeBase64(json, value.start + 1, value.end - 1);
  if (plaintext === undefined) return undefined;
  return { plaintext, rest: Buffer.concat([json.subarray(0, value.start), nullValue, json.subarray(value.end)]) };
}

const memberName = Buffer.from('"Plaintext"');
const nullValue = Buffer.from("null");
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where the one string value of the member `name` (with its quotes) stands, quotes included. */
function findMember(json: Uint8Array, name: Uint8Array): Span | undefined {
  let at = skipSpace(json, 0);
  if (json[at] !== OPEN_BRACE) return undefined;
  at = skipSpace(json, at + 1);
  if (json[at] === CLOSE_BRACE) return undefined;
  let found: Span | undefined;
  for (;;) {
    const key = { start: at, end: endOfString(json, at) };
    const colon = skipSpace(json, key.end);
    if (json[colon] !== COLON) return undefined;
    const start = skipSpace(json, colon + 1);
    const end = endOfValue(json, start);
    if (end <= start) return undefined;
    if (Buffer.compare(json.subarray(key.start, key.end), name) === 0) {
      if (found !== undefined || json[start] !== QUOTE) return undefined;
      found = { start, end };
    }
    at = skipSpace(json, end);
    if (json[at] === CLOSE_BRACE) return skipSpace(json, at + 1) === json.length ? found : undefined;
    if (json[at] !== COMMA) return undefined;
    at = skipSpace(json, at + 1);
  }
}

function skipSpace(json: Uint8Array, from: number): number {
  let at = from;
  while (json[at] === 0x20 || json[at] === 0x0a || json[at] === 0x0d || json[at] === 0x09) at += 1;
  return at;
}

/** The place behind the string that starts at `from`; `from` itself where there is none. */
function endOfString(json: Uint8Array, from: number): number {
  if (json[from] !== QUOTE) return from;
  for (let at = from + 1; at < json.length; at += 1) {
    if (json[at] === BACKSLASH) at += 1;
    else if (json[at] === QUOTE) return at + 1;
  }
  return from;
}

/** The place behind the value that starts at `from`; `from` itself where there is none. */
function endOfValue(json: Uint8Array, from: number): number {
  if (json[from] === QUOTE) return endOfString(json, from);
  let depth = 0;
  for (let at = from; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === QUOTE) {
      const end = endOfString(json, at);
      if (end === at) return from;
      at = end - 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
    } else if (depth > 0 && (byte === CLOSE_BRACE || byte === CLOSE_BRACKET)) {
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (byte === COMMA || byte === CLOSE_BRACE)) {
      return at;
    }
  }
  return from;
}
