/** The encryption context as the additional authenticated data of KMS ciphertext: exact and case-sensitive. */
import { AwsFault, type JsonObject } from "../service.ts";
import { isJsonObject } from "../state/stored-json.ts";
import { validation } from "./input.ts";

const empty = Buffer.alloc(0);

/** Pairs sorted by key bytes, each part with its length in front, so that no two contexts read alike. */
export function readEncryptionContext(input: JsonObject, member: string): Buffer {
  const context = input[member];
  if (context === undefined || context === null) return empty;
  if (!isJsonObject(context)) throw new AwsFault("SerializationException", `${member} is not a map`);
  const pairs: [Buffer, Buffer][] = [];
  for (const [key, value] of Object.entries(context)) {
    if (typeof value !== "string")
      throw new AwsFault("SerializationException", `${member} has a value that is no string`);
    // Encoding would turn every lone surrogate into the same replacement character.
    if (!key.isWellFormed() || !value.isWellFormed()) throw validation(`${member} is not well-formed Unicode`);
    pairs.push([Buffer.from(key), Buffer.from(value)]);
  }
  if (pairs.length > 1) pairs.sort(([a], [b]) => Buffer.compare(a, b));
  return Buffer.concat(pairs.flatMap(([key, value]) => [lengthOf(key), key, lengthOf(value), value]));
}

function lengthOf(bytes: Buffer): Buffer {
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(bytes.length);
  return length;
}
