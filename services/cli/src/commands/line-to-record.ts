import { type EncryptJobInput, parseJson } from "@dekhand/jobs";
import type { Line } from "./json-lines.ts";

export interface LineMapping {
  readonly profile: string;
  /** Field that holds the record id: a string or a whole number. */
  readonly idField: string;
  /** Context keys with one value for all records. */
  readonly context: Readonly<Record<string, string>>;
  /** Fields whose string value becomes a context key of the same name. */
  readonly contextFields: readonly string[];
  /** Field that holds the revision, where records have one. */
  readonly revisionField?: string | undefined;
}

export type MappedLine =
  | { readonly kind: "record"; readonly line: number; readonly record: EncryptJobInput }
  | { readonly kind: "unusable"; readonly line: number; readonly reason: string };

/** A record whose payload is the line itself, byte for byte. Reasons never quote the line. */
export function lineToRecord({ number, bytes }: Line, mapping: LineMapping): MappedLine {
  const unusable = (reason: string): MappedLine => ({ kind: "unusable", line: number, reason });
  const fields = parseObject(bytes);
  if (!fields) return unusable("not a JSON object");

  const recordId = idText(fields.get(mapping.idField));
  if (recordId === undefined) return unusable(`no string or whole number in field ${mapping.idField}`);

  const context: [string, string][] = Object.entries(mapping.context);
  for (const key of mapping.contextFields) {
    const value = fields.get(key);
    if (typeof value !== "string") return unusable(`no string in field ${key}`);
    context.push([key, value]);
  }

  const revision = mapping.revisionField === undefined ? undefined : fields.get(mapping.revisionField);
  if (revision !== undefined && typeof revision !== "number") return unusable("the revision is not a number");

  return {
    kind: "record",
    line: number,
    record: {
      recordId,
      profile: mapping.profile,
      context: Object.fromEntries(context),
      contentType: "application/json",
      payload: bytes,
      ...(revision === undefined ? {} : { revision }),
    },
  };
}

function parseObject(bytes: Buffer): Map<string, unknown> | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
    const value = parseJson(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? new Map(Object.entries(value))
      : undefined;
  } catch {
    return undefined;
  }
}

function idText(value: unknown): string | undefined {
  if (typeof value === "string" && value !== "") return value;
  return Number.isSafeInteger(value) ? String(value) : undefined;
}
