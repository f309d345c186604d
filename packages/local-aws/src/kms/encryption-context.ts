/** The encryption context as the additional authenticated data of KMS ciphertext: exact and case-sensitive. */
import { AwsFault, type JsonObject } from "../service.ts";
import { isJsonObject } from "../state/stored-json.ts";
import { validation } from "./input.ts";
import { compareText } from "./kms-store.ts";

const empty = Buffer.alloc(0);

/** Pairs sorted by key, each part with its length in front, so that no two contexts read alike. */
export function readEncryptionContext(input: JsonObject, member: string): Buffer {
  const context = input[member];
  if (context === undefined || context === null) return empty;
  if (!isJsonObject(context)) throw new AwsFault("SerializationException", `${member} is not a map`);
  const parts: string[] = [];
  let size = 0;
  for (const key of Object.keys(context).sort(compareText)) {
    const value = context[key];
    if (typeof value !== "string")
      throw new AwsFault("SerializationException", `${member} has a value that is no string`);
    // Encoding would turn every lone surrogate into the same replacement character.
    if (!key.isWellFormed() || !value.isWellFormed()) throw validation(`${member} is not well-formed Unicode`);
    parts.push(key, value);
    size += 8 + Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  const canonical = Buffer.allocUnsafe(size);
  let at = 0;
  for (const part of parts) {
    const length = canonical.write(part, at + 4);
    canonical.writeUInt32BE(length, at);
    at += 4 + length;
  }
  return canonical;
}
