/**
 * From a message's text to a job, or to the reason why there is none.
 *
 * Never throws on any input: a message that did would come back for ever. The
 * ids that could be read are kept with the reason. Duplicate JSON keys: the last
 * one counts.
 */

import type { EncryptionContext } from "@dekhand/envelope";
import type { JobsReasonCode, Rejection } from "../errors.ts";
import { decodeBase64 } from "./base64.ts";
import {
  DEFAULT_CONTENT_TYPE,
  ENCRYPT_JOB_LIMITS,
  type EncryptJobHeader,
  type EncryptJobMessage,
} from "./encrypt-job.ts";
import { parseJson } from "./parse-json.ts";
import { safeText } from "./safe-text.ts";
import { schemaReason } from "./schema-rejection.ts";
import { type EncryptJobWire, encryptJobSchema } from "./wire-schema.ts";

export interface ParseOptions {
  /** The biggest payload, in bytes. Default 4 MiB. */
  readonly maxPayloadBytes?: number;
}

export type ParseResult =
  | { readonly ok: true; readonly message: EncryptJobMessage }
  | { readonly ok: false; readonly rejection: Rejection };

/** The AEAD tag at the end of a sealed payload. */
export const SEAL_OVERHEAD_BYTES = 16;

/** Parses a message body. */
export function parseEncryptJob(text: string, options: ParseOptions = {}): ParseResult {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return reject({}, "JOBS_JSON_INVALID", "the message is not JSON");
  }
  return parseEncryptJobValue(value, options);
}

/** Parses what is already out of its JSON. */
export function parseEncryptJobValue(value: unknown, options: ParseOptions = {}): ParseResult {
  const fields = own(value);
  if (!fields) return reject({}, "JOBS_JSON_INVALID", "the message is not a JSON object");
  const ids = readableIds(fields);
  if (fields.get("version") !== 1) return reject(ids, "JOBS_VERSION_UNKNOWN", "version must be 1");
  if (fields.get("kind") !== "encrypt") return reject(ids, "JOBS_KIND_UNKNOWN", 'kind must be "encrypt"');
  const parsed = encryptJobSchema.safeParse(value);
  if (!parsed.success) {
    const { code, message } = schemaReason(parsed.error);
    return reject(ids, code, message);
  }
  return withPayload(parsed.data, ids, options.maxPayloadBytes ?? ENCRYPT_JOB_LIMITS.payloadBytes);
}

function withPayload(wire: EncryptJobWire, ids: ReadableIds, maxBytes: number): ParseResult {
  const tooLarge = () => reject(ids, "JOBS_PAYLOAD_TOO_LARGE", `the payload has more than ${maxBytes} bytes`);
  const empty = () => reject(ids, "JOBS_PAYLOAD_EMPTY", "the payload is empty");
  const header = headerOf(wire);

  if (wire.sealed) {
    const enc = decodeBase64(wire.sealed.enc);
    const ciphertext = decodeBase64(wire.sealed.ciphertext);
    if (!enc || !ciphertext) return reject(ids, "JOBS_SEALED_INVALID", "sealed is not canonical base64");
    if (ciphertext.length < SEAL_OVERHEAD_BYTES) return reject(ids, "JOBS_SEALED_INVALID", "sealed is too short");
    if (ciphertext.length === SEAL_OVERHEAD_BYTES) return empty();
    if (ciphertext.length - SEAL_OVERHEAD_BYTES > maxBytes) return tooLarge();
    return { ok: true, message: { form: "sealed", header, sealed: { keyId: wire.sealed.keyId, enc, ciphertext } } };
  }

  const text = wire.payload ?? "";
  if (text === "") return empty();
  // Before decoding, so that what is too large costs no second copy.
  if ((text.length / 4) * 3 - 2 > maxBytes) return tooLarge();
  const payload = decodeBase64(text);
  if (!payload) return reject(ids, "JOBS_PAYLOAD_BASE64", "payload is not canonical base64");
  if (payload.length > maxBytes) {
    payload.fill(0);
    return tooLarge();
  }
  return { ok: true, message: { form: "plain", header, payload } };
}

/** The header with its defaults filled in. */
export function headerOf(wire: Omit<EncryptJobWire, "payload" | "sealed">): EncryptJobHeader {
  const { id, recordId, profile, revision } = wire;
  return {
    version: 1,
    kind: "encrypt",
    id,
    recordId,
    profile,
    // fromEntries defines own properties: a key named __proto__ stays a key.
    context: Object.freeze(Object.fromEntries(Object.entries(wire.context))) satisfies EncryptionContext,
    contentType: wire.contentType ?? DEFAULT_CONTENT_TYPE,
    // JSON has a minus zero; the binding has not.
    ...(revision === undefined ? {} : { revision: revision + 0 }),
  };
}

type ReadableIds = Pick<Rejection, "jobId" | "recordId">;

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

function reject(ids: ReadableIds, code: JobsReasonCode, message: string): ParseResult {
  return { ok: false, rejection: { code, message, ...ids } };
}
