/**
 * Readers for our own state files. A file that does not hold what we wrote is
 * refused as a whole: starting with half of the keys would look like data loss.
 */
import { LocalAwsError } from "../errors.ts";
import type { JsonObject, JsonValue } from "../service.ts";

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function unreadable(what: string, cause?: unknown): LocalAwsError {
  return new LocalAwsError("LOCAL_AWS_STATE_UNREADABLE", `stored state cannot be used: ${what}`, { cause });
}

export function storedObject(value: JsonValue | undefined, what: string): JsonObject {
  if (!isJsonObject(value)) throw unreadable(`${what} is not an object`);
  return value;
}

export function storedList(value: JsonValue | undefined, what: string): JsonObject[] {
  if (!Array.isArray(value)) throw unreadable(`${what} is not a list`);
  return value.map((entry) => storedObject(entry, what));
}

export function storedText(from: JsonObject, member: string): string {
  const value = from[member];
  if (typeof value !== "string") throw unreadable(`${member} is not a string`);
  return value;
}

export function storedNumber(from: JsonObject, member: string): number {
  const value = from[member];
  if (typeof value !== "number") throw unreadable(`${member} is not a number`);
  return value;
}

export function storedFlag(from: JsonObject, member: string): boolean {
  const value = from[member];
  if (typeof value !== "boolean") throw unreadable(`${member} is not true or false`);
  return value;
}

/** Reads an optional member. */
export function storedOptional<T>(
  from: JsonObject,
  member: string,
  read: (from: JsonObject, member: string) => T,
): T | undefined {
  return from[member] === undefined || from[member] === null ? undefined : read(from, member);
}
