/** DEK ids: UUIDs of version 7, so that their text sorts by the time of birth. */

import { v7 } from "uuid";
import { invalidInput } from "./errors.ts";

/** A new id as canonical lower-case text, random in 74 bits. */
export function newDekId(): string {
  return v7();
}

/** Whether `text` is a DEK id in its one canonical spelling: a lower-case UUIDv7. */
export function isDekId(text: string): boolean {
  return typeof text === "string" && canonicalUuidV7.test(text);
}

const canonicalUuidV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The 16 bytes behind an id's text. */
export function parseDekId(dekId: string): Buffer {
  if (!isDekId(dekId)) throw invalidInput("a DEK id is a UUIDv7 in lower case");
  return Buffer.from(dekId.replaceAll("-", ""), "hex");
}

/** Any 16 bytes in the spelling of a UUID, whether or not they are a DEK id. */
export function formatDekId(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
