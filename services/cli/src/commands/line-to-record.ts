import { type EncryptJobInput, parseJson } from "@dekhand/jobs";
import { type Line, maxLineBytes } from "./json-lines.ts";

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

interface Place {
  readonly line: number;
  /** Bytes of the input up to the end of the line. A generated record has no such place. */
  readonly endsAt?: number;
}

export type RecordLine = Place & { readonly kind: "record"; readonly record: EncryptJobInput };
export type UnusableLine = Place & { readonly kind: "unusable"; readonly reason: string };
export type MappedLine = RecordLine | UnusableLine;

/** A record whose payload is the line itself, byte for byte. Reasons never quote the line. */
export function lineToRecord(line: Line, mapping: LineMapping): MappedLine {
  const place = { line: line.number, endsAt: line.endsAt };
  const unusable = (reason: string): MappedLine => ({ kind: "unusable", ...place, reason });
  if (line.kind === "too-long") return unusable(`longer than ${maxLineBytes} bytes`);
  const fields = parseObject(line.bytes);
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
    ...place,
    record: {
      recordId,
      profile: mapping.profile,
      context: Object.fromEntries(context),
      contentType: "application/json",
      payload: line.bytes,
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
