/**
 * The frame of an envelope, version 1 (docs/envelope-format.md):
 * `version | suite | DEK id | nonce | ciphertext | tag`.
 *
 * The header is public and says nothing about who made it: only `open` tells
 * whether it is genuine.
 */

import { types } from "node:util";
import { formatDekId, isDekId } from "./dek-id.ts";
import { EnvelopeError, invalidInput } from "./errors.ts";

export const FORMAT_VERSION = 1;
/** XAES-256-GCM, with HKDF-SHA-256 between the DEK and its keys. */
export const SUITE_XAES_256_GCM = 1;

export const DEK_ID_AT = 2;
export const NONCE_AT = 18;
export const HEADER_BYTES = 42;
export const TAG_BYTES = 16;

/** What an envelope has over its plaintext, in bytes. */
export const ENVELOPE_OVERHEAD_BYTES = HEADER_BYTES + TAG_BYTES;

/** The longest plaintext of one envelope, in bytes: 64 MiB. */
export const MAX_PLAINTEXT_BYTES = 64 * 1024 * 1024;

export interface EnvelopeHeader {
  readonly version: typeof FORMAT_VERSION;
  readonly suite: typeof SUITE_XAES_256_GCM;
  /** Of the DEK that the envelope says it is sealed under. */
  readonly dekId: string;
  /** The nonce in lower-case hex: no two sealings have the same. */
  readonly sealId: string;
}

/**
 * Reads what an envelope says about itself, unauthenticated.
 *
 * @throws EnvelopeError `ENVELOPE_MALFORMED`, `ENVELOPE_VERSION_UNKNOWN`, `ENVELOPE_SUITE_UNKNOWN`,
 * `ENVELOPE_TOO_LARGE`, `ENVELOPE_INPUT_INVALID`
 */
export function readHeader(envelope: Uint8Array): EnvelopeHeader {
  checkFrame(envelope);
  const header = Buffer.from(envelope.subarray(0, HEADER_BYTES));
  const dekId = formatDekId(header.subarray(DEK_ID_AT, NONCE_AT));
  if (!isDekId(dekId)) throw new EnvelopeError("ENVELOPE_MALFORMED", "the envelope's header holds no DEK id");
  const sealId = header.toString("hex", NONCE_AT);
  return { version: FORMAT_VERSION, suite: SUITE_XAES_256_GCM, dekId, sealId };
}

/** Whether the bytes can be an envelope that this release opens: length, version and suite. */
export function checkFrame(envelope: Uint8Array): void {
  requireBytes(envelope, "the envelope");
  if (envelope.length < ENVELOPE_OVERHEAD_BYTES) {
    throw new EnvelopeError("ENVELOPE_MALFORMED", `an envelope has at least ${ENVELOPE_OVERHEAD_BYTES} bytes`);
  }
  const [version, suite] = envelope;
  if (version !== FORMAT_VERSION) {
    throw new EnvelopeError("ENVELOPE_VERSION_UNKNOWN", `envelope version ${version} is not known to this release`);
  }
  if (suite !== SUITE_XAES_256_GCM) {
    throw new EnvelopeError("ENVELOPE_SUITE_UNKNOWN", `envelope suite ${suite} is not known to this release`);
  }
  checkPlaintextLength(envelope.length - ENVELOPE_OVERHEAD_BYTES);
}

export function checkPlaintextLength(length: number): void {
  if (length > MAX_PLAINTEXT_BYTES) {
    throw new EnvelopeError("ENVELOPE_TOO_LARGE", `one envelope holds at most ${MAX_PLAINTEXT_BYTES} bytes`, {
      context: { bytes: length, maxBytes: MAX_PLAINTEXT_BYTES },
    });
  }
}

export function requireBytes(value: unknown, what: string): void {
  if (!types.isUint8Array(value)) throw invalidInput(`${what} must be a Uint8Array`);
}
