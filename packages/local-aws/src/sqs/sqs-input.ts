/** Readers for request members, with the errors that SQS answers. */
import type { JsonObject } from "../service.ts";
import { isJsonObject } from "../state/stored-json.ts";
import { invalidParameter, missingParameter, wrongType } from "./sqs-faults.ts";

export function readText(input: JsonObject, member: string): string | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw wrongType(member, "a string");
  return value;
}

/** A string that is there and not empty. */
export function requireText(input: JsonObject, member: string): string {
  const value = readText(input, member);
  if (value === undefined || value === "") throw missingParameter(member);
  return value;
}

export function readInteger(input: JsonObject, member: string, min: number, max: number): number | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number") throw wrongType(member, "a number");
  if (!Number.isInteger(value) || value < min || value > max) {
    throw invalidParameter(member, `it must be a whole number from ${min} to ${max}`);
  }
  return value;
}

export function requireInteger(input: JsonObject, member: string, min: number, max: number): number {
  const value = readInteger(input, member, min, max);
  if (value === undefined) throw missingParameter(member);
  return value;
}

export function readTexts(input: JsonObject, member: string): string[] {
  const value = input[member];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrongType(member, "a list");
  return value.map((text) => {
    if (typeof text !== "string") throw wrongType(member, "a list of strings");
    return text;
  });
}

export function readObjects(input: JsonObject, member: string): JsonObject[] {
  const value = input[member];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrongType(member, "a list");
  return value.map((entry) => {
    if (!isJsonObject(entry)) throw wrongType(member, "a list of structures");
    return entry;
  });
}

/** A map from string to string, as entries: names such as `__proto__` are ordinary ones. */
export function readTextMap(input: JsonObject, member: string): [string, string][] {
  return readMap(input, member).map(([name, value]) => {
    if (typeof value !== "string") throw wrongType(member, "a map of strings");
    return [name, value];
  });
}

export function readMap(input: JsonObject, member: string): [string, unknown][] {
  const value = input[member];
  if (value === undefined || value === null) return [];
  if (!isJsonObject(value)) throw wrongType(member, "a map");
  return Object.entries(value);
}
