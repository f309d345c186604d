/** Between the rows that the owner's statements return and wraps. */

import { type BlobEncoding, decodeBlobText } from "../blob-encoding.ts";
import { malformedWrap, readFoundWrap } from "../found-wrap.ts";
import type { WrapRef } from "../wrap-types.ts";
import { statementInvalid } from "./owner-statement.ts";

export type Row = Readonly<Record<string, unknown>>;

export interface RowMapping {
  /** How the column `blob` holds the bytes. Default `binary` (bytea). */
  readonly encoding?: BlobEncoding;
  /** The ARN of the wrapping key, where it is one for all and no column `key_arn` tells it. */
  readonly keyArn?: string;
  /** The KMS encryption context, added to what a column `context` (json) says. */
  readonly context?: {
    /** Context key to the column with its value. A row must have them all. */
    readonly columns?: Readonly<Record<string, string>>;
    /** Context key to value. */
    readonly constants?: Readonly<Record<string, string>>;
  };
}

/** Throws STORE_STATEMENT_INVALID where a row has no id, since nothing could be said of it. */
export function rowId({ id }: Row, statement: string): string {
  if (typeof id === "string" && id !== "") return id;
  if (typeof id === "number" || typeof id === "bigint") return String(id);
  throw statementInvalid(statement, "it returns a row without a text or number in the column id");
}

/** Rows whose blob is NULL are no wraps. */
export function isWrapRow({ blob }: Row): boolean {
  return blob !== null && blob !== undefined;
}

/** Throws STORE_ITEM_MALFORMED. */
export function readRow(row: Row, id: string, mapping: RowMapping): WrapRef {
  const { wrapped_at: wrappedAt } = row;
  return readFoundWrap({
    id,
    blob: rowBlob(row, mapping),
    keyArn: row.key_arn ?? mapping.keyArn,
    material: row.material,
    campaign: row.campaign,
    wrappedAt: wrappedAt instanceof Date ? wrappedAt.toISOString() : wrappedAt,
    context: { ...jsonContext(row, id), ...columnContext(row, id, mapping), ...mapping.context?.constants },
  });
}

/** Undefined where the blob is not what the mapping says. */
export function rowBlob({ blob }: Row, { encoding = "binary" }: RowMapping): Uint8Array | undefined {
  if (encoding === "binary") return blob instanceof Uint8Array ? blob : undefined;
  return typeof blob === "string" ? decodeBlobText(blob) : undefined;
}

/** `pg` has parsed json and jsonb; a text column may hold JSON too. */
function jsonContext({ context }: Row, id: string): object {
  const value = typeof context === "string" ? parse(context) : context;
  if (value === null || value === undefined) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw malformedWrap(id, "its context is no map of texts");
  return value;
}

function columnContext(row: Row, id: string, { context = {} }: RowMapping): Record<string, string> {
  const entries = Object.entries(context.columns ?? {}).map(([key, column]): [string, string] => {
    const value = row[column];
    if (typeof value === "string") return [key, value];
    if (typeof value === "number" || typeof value === "bigint") return [key, String(value)];
    throw malformedWrap(id, `the context's column ${column} is neither text nor number`);
  });
  return Object.fromEntries(entries);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return json;
  }
}
