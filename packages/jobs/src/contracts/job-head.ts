/** What every contract begins with: an object with a version, a kind and ids that can be told. */

import type { JobsReasonCode, Rejection } from "../errors.ts";
import { parseJson } from "./parse-json.ts";
import { safeText } from "./safe-text.ts";

/** The ids of a job, as far as they can be shown. */
export type ReadableIds = Pick<Rejection, "jobId" | "recordId">;

export type JobHead =
  | { readonly ok: true; readonly fields: ReadonlyMap<string, unknown>; readonly ids: ReadableIds }
  | { readonly ok: false; readonly rejection: Rejection };

/** The fields of a job of this kind, version 1, or why it is none. */
export function readHead(value: unknown, kind: string): JobHead {
  const fields = own(value);
  if (!fields) return refuse({}, "JOBS_JSON_INVALID", "the message is not a JSON object");
  const ids = readableIds(fields);
  if (fields.get("version") !== 1) return refuse(ids, "JOBS_VERSION_UNKNOWN", "version must be 1");
  if (fields.get("kind") !== kind) return refuse(ids, "JOBS_KIND_UNKNOWN", `kind must be "${kind}"`);
  return { ok: true, fields, ids };
}

/** The ids of a message of whatever kind; none where it cannot be read. */
export function readIds(text: string): ReadableIds {
  try {
    return readableIds(own(parseJson(text)) ?? new Map());
  } catch {
    return {};
  }
}

export function refuse(
  ids: ReadableIds,
  code: JobsReasonCode,
  message: string,
): { readonly ok: false; readonly rejection: Rejection } {
  return { ok: false, rejection: { code, message, ...ids } };
}

function readableIds(fields: ReadonlyMap<string, unknown>): ReadableIds {
  const id = fields.get("id");
  const recordId = fields.get("recordId");
  return {
    ...(typeof id === "string" && id !== "" ? { jobId: safeText(id) } : {}),
    ...(typeof recordId === "string" && recordId !== "" ? { recordId: safeText(recordId) } : {}),
  };
}

function own(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return new Map(Object.entries(value));
}
