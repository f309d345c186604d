/**
 * From what a message held to a job, or to the reason why there is none.
 *
 * Never throws on any input: a message that did would come back for ever. The
 * ids that could be read are kept with the reason. Duplicate JSON keys: the last
 * one counts.
 */

import type { EncryptionContext } from "@dekhand/envelope";
import type { Rejection } from "../errors.ts";
import { decodeBase64 } from "./base64.ts";
import {
  DEFAULT_CONTENT_TYPE,
  ENCRYPT_JOB_LIMITS,
  type EncryptJobHeader,
  type EncryptJobMessage,
} from "./encrypt-job.ts";
import { type ReadableIds, readHead, refuse } from "./job-head.ts";
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

/** Judges what is already out of its JSON. */
export function parseEncryptJob(value: unknown, options: ParseOptions = {}): ParseResult {
  const head = readHead(value, "encrypt");
  if (!head.ok) return head;
  const parsed = encryptJobSchema.safeParse(value);
  if (!parsed.success) {
    const { code, message } = schemaReason(parsed.error);
    return refuse(head.ids, code, message);
  }
  return withPayload(parsed.data, head.ids, options.maxPayloadBytes ?? ENCRYPT_JOB_LIMITS.payloadBytes);
}

function withPayload(wire: EncryptJobWire, ids: ReadableIds, maxBytes: number): ParseResult {
  const tooLarge = () => refuse(ids, "JOBS_PAYLOAD_TOO_LARGE", `the payload has more than ${maxBytes} bytes`);
  const empty = () => refuse(ids, "JOBS_PAYLOAD_EMPTY", "the payload is empty");
  const header = headerOf(wire);

  if (wire.sealed) {
    const enc = decodeBase64(wire.sealed.enc);
    const ciphertext = decodeBase64(wire.sealed.ciphertext);
    if (!enc || !ciphertext) return refuse(ids, "JOBS_SEALED_INVALID", "sealed is not canonical base64");
    if (ciphertext.length < SEAL_OVERHEAD_BYTES) return refuse(ids, "JOBS_SEALED_INVALID", "sealed is too short");
    if (ciphertext.length === SEAL_OVERHEAD_BYTES) return empty();
    if (ciphertext.length - SEAL_OVERHEAD_BYTES > maxBytes) return tooLarge();
    return { ok: true, message: { form: "sealed", header, sealed: { keyId: wire.sealed.keyId, enc, ciphertext } } };
  }

  const text = wire.payload ?? "";
  if (text === "") return empty();
  // Before decoding, so that what is too large costs no second copy.
  if ((text.length / 4) * 3 - 2 > maxBytes) return tooLarge();
  const payload = decodeBase64(text);
  if (!payload) return refuse(ids, "JOBS_PAYLOAD_BASE64", "payload is not canonical base64");
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
