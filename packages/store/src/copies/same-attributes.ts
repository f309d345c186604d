import { isDeepStrictEqual } from "node:util";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Attributes } from "../writer/conditional-write.ts";

/** Whether two items have the same values, or none, under these names. */
export function sameAttributes(names: readonly string[], one: Attributes, other: Attributes): boolean {
  return names.every((name) => sameValue(one[name], other[name]));
}

/** Bytes may come as a Buffer or as another array of bytes. */
function sameValue(one: AttributeValue | undefined, other: AttributeValue | undefined): boolean {
  if (one?.B && other?.B) return Buffer.compare(one.B, other.B) === 0;
  return isDeepStrictEqual(one, other);
}
