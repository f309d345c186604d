/**
 * From what an adapter found to a wrap: the one place that says what a store may
 * answer. Whoever can write a store can put anything there, so each part is
 * checked; a wrong one is STORE_ITEM_MALFORMED with the wrap's id and the part's
 * name, never its value.
 */

import { StoreError } from "../errors.ts";
import { malformedReason } from "../items/malformed-reason.ts";
import { isEncryptionSdkMessage } from "./encryption-sdk-message.ts";
import type { MalformedWrap, WrapPage, WrapRef } from "./wrap-types.ts";

/** As it came from the store. Of labels and context, `null` and `undefined` mean that there is none. */
export interface FoundWrap {
  readonly id: string;
  readonly blob: unknown;
  readonly keyArn?: unknown;
  readonly material?: unknown;
  readonly context?: unknown;
  readonly campaign?: unknown;
  readonly wrappedAt?: unknown;
}

/** KMS's limit for a ciphertext, in bytes. */
const maxBlobBytes = 6_144;
const labelNames = ["keyArn", "material", "campaign", "wrappedAt"] as const;

/** Throws STORE_ITEM_MALFORMED. */
export function readFoundWrap(found: FoundWrap): WrapRef {
  const { id } = found;
  const labels: Partial<Record<(typeof labelNames)[number], string>> = {};
  for (const name of labelNames) {
    const value = found[name] ?? undefined;
    if (value === undefined) continue;
    if (typeof value !== "string") throw malformedWrap(id, `its ${name} is no text`);
    labels[name] = value;
  }
  if (!(found.blob instanceof Uint8Array)) throw malformedWrap(id, "its blob cannot be read as bytes");
  return { id, ...labels, blob: requireRewrappable(id, found.blob), context: readContext(id, found.context ?? {}) };
}

/** Throws STORE_ITEM_MALFORMED for bytes that KMS would not take as its ciphertext. */
export function requireRewrappable(id: string, blob: Uint8Array): Uint8Array {
  if (blob.length === 0) throw malformedWrap(id, "its blob is empty");
  if (isEncryptionSdkMessage(blob)) {
    throw malformedWrap(id, "an AWS Encryption SDK message: KMS cannot rewrap the keys inside it");
  }
  if (blob.length > maxBlobBytes) throw malformedWrap(id, `its blob is longer than KMS's ${maxBlobBytes} bytes`);
  return blob;
}

export function malformedWrap(id: string, reason: string): StoreError {
  return new StoreError("STORE_ITEM_MALFORMED", reason, { context: { id } });
}

/** Reads each; those that cannot be read are named, and stop no other. */
export function readPage<T>(
  found: Iterable<T>,
  idOf: (item: T) => string,
  read: (item: T) => WrapRef,
): Pick<WrapPage, "wraps" | "malformed"> {
  const wraps: WrapRef[] = [];
  const malformed: MalformedWrap[] = [];
  for (const item of found) {
    try {
      wraps.push(read(item));
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== "STORE_ITEM_MALFORMED") throw error;
      malformed.push({ id: idOf(item), reason: malformedReason(error) });
    }
  }
  return { wraps, malformed };
}

function readContext(id: string, context: unknown): Readonly<Record<string, string>> {
  if (typeof context !== "object" || context === null || Array.isArray(context)) {
    throw malformedWrap(id, "its context is no map of texts");
  }
  const entries: [string, string][] = Object.entries(context).map(([key, value]: [string, unknown]) => {
    if (typeof value !== "string") throw malformedWrap(id, "its context is no map of texts");
    return [key, value];
  });
  // fromEntries defines own properties, so a key named __proto__ is data like any other.
  return Object.fromEntries(entries);
}
