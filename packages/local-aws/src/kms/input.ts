/**
 * Readers for request members. A value of the wrong JSON type is a
 * SerializationException, as from KMS's own parser; one that breaks a
 * constraint is a ValidationException. Messages name members, never values.
 */
import { AwsFault, type JsonObject } from "../service.ts";
import { isJsonObject } from "../state/stored-json.ts";

export function validation(message: string): AwsFault {
  return new AwsFault("ValidationException", message);
}

export function readText(
  input: JsonObject,
  member: string,
  limits: { min?: number; max?: number } = {},
): string | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw serialization(member, "a string");
  const { min = 1, max = 2048 } = limits;
  if (value.length < min || value.length > max) throw constraint(member, `have a length of ${min} to ${max}`);
  return value;
}

export function requireText(input: JsonObject, member: string, limits?: { min?: number; max?: number }): string {
  const value = readText(input, member, limits);
  if (value === undefined) throw constraint(member, "not be null");
  return value;
}

export function readFlag(input: JsonObject, member: string): boolean {
  const value = input[member];
  if (value === undefined || value === null) return false;
  if (typeof value !== "boolean") throw serialization(member, "a boolean");
  return value;
}

export function readInteger(input: JsonObject, member: string, min: number, max: number): number | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number") throw serialization(member, "a number");
  if (!Number.isInteger(value) || value < min || value > max) throw constraint(member, `be between ${min} and ${max}`);
  return value;
}

export function readChoice<T extends string>(input: JsonObject, member: string, choices: readonly T[]): T | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw serialization(member, "a string");
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw constraint(member, `satisfy enum value set: [${choices.join(", ")}]`);
  return choice;
}

/** Bytes in base64. */
export function readBytes(input: JsonObject, member: string, maxBytes: number): Buffer | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw serialization(member, "base64");
  const bytes = Buffer.from(value, "base64");
  if (bytes.toString("base64") !== value) throw serialization(member, "base64");
  if (bytes.length < 1 || bytes.length > maxBytes) throw constraint(member, `have a length of 1 to ${maxBytes}`);
  return bytes;
}

export function requireBytes(input: JsonObject, member: string, maxBytes: number): Buffer {
  const bytes = readBytes(input, member, maxBytes);
  if (!bytes) throw constraint(member, "not be null");
  return bytes;
}

export function readList(input: JsonObject, member: string): readonly unknown[] {
  const value = input[member];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw serialization(member, "a list");
  return value;
}

export function readTags(input: JsonObject): { TagKey: string; TagValue: string }[] {
  return readList(input, "Tags").map((tag) => {
    if (!isJsonObject(tag)) throw serialization("Tags", "a list of tags");
    return {
      TagKey: requireText(tag, "TagKey", { max: 128 }),
      TagValue: requireText(tag, "TagValue", { min: 0, max: 256 }),
    };
  });
}

/** KMS checks principals and more; here a policy only has to be a JSON object. */
export function readPolicy(input: JsonObject): string | undefined {
  const policy = readText(input, "Policy", { max: 131_072 });
  if (policy === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(policy);
    if (isJsonObject(parsed)) return policy;
  } catch {
    // Reported below, without the parser's message: it would quote the input.
  }
  throw new AwsFault("MalformedPolicyDocumentException", "The policy is not a JSON object.");
}

function constraint(member: string, must: string): AwsFault {
  const name = member.charAt(0).toLowerCase() + member.slice(1);
  return validation(
    `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must ${must}`,
  );
}

function serialization(member: string, expected: string): AwsFault {
  return new AwsFault("SerializationException", `${member} is not ${expected}`);
}
