/**
 * dynalite builds its objects by assignment, and so loses an attribute that is
 * called `__proto__`. DynamoDB does not: on the way in such a name is replaced
 * by one that no client uses, on the way out it is put back.
 */
import type { JsonObject, JsonValue } from "../service.ts";

const NAME = "__proto__";
const STAND_IN = "\u0000__proto__";

/** The same value where there is nothing to replace. */
export function hidePrototypeKeys(input: JsonObject): JsonObject {
  return has(input, NAME) ? renameIn(input, NAME, STAND_IN) : input;
}

export function showPrototypeKeys(answer: JsonObject): JsonObject {
  return has(answer, STAND_IN) ? renameIn(answer, STAND_IN, NAME) : answer;
}

function has(value: JsonValue | undefined, name: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some((entry) => has(entry, name));
  if (Object.hasOwn(value, name)) return true;
  for (const member in value) if (has(value[member], name)) return true;
  return false;
}

function renameIn(value: JsonObject, from: string, to: string): JsonObject {
  // fromEntries defines members, where an assignment would set a prototype.
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]) => [member === from ? to : member, rename(inner, from, to)]),
  );
}

function rename(value: JsonValue | undefined, from: string, to: string): JsonValue | undefined {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((entry) => rename(entry, from, to) ?? null);
  return renameIn(value, from, to);
}
