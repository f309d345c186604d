import { DekhandError } from "@dekhand/errors";

/**
 * - `ENVELOPE_AUTHENTICATION_FAILED`: DEK, commitment, envelope and what it is bound to do not belong together. Which of
 *   them differs is not told.
 * - `ENVELOPE_MALFORMED`: the bytes are too short for an envelope, or their header holds no DEK id.
 * - `ENVELOPE_VERSION_UNKNOWN`: the envelope has a format version that this release does not know.
 * - `ENVELOPE_SUITE_UNKNOWN`: the envelope has a cipher suite that this release does not know.
 * - `ENVELOPE_TOO_LARGE`: the plaintext, or the one that the envelope would hold, has more than 64 MiB.
 * - `ENVELOPE_INPUT_INVALID`: an argument has the wrong type, is outside its range or is not well-formed Unicode.
 * - `ENVELOPE_DEK_DISPOSED`: the DEK was used after it had been disposed of.
 */
export const ENVELOPE_ERROR_CODES = [
  "ENVELOPE_AUTHENTICATION_FAILED",
  "ENVELOPE_MALFORMED",
  "ENVELOPE_VERSION_UNKNOWN",
  "ENVELOPE_SUITE_UNKNOWN",
  "ENVELOPE_TOO_LARGE",
  "ENVELOPE_INPUT_INVALID",
  "ENVELOPE_DEK_DISPOSED",
] as const;

export type EnvelopeErrorCode = (typeof ENVELOPE_ERROR_CODES)[number];

export class EnvelopeError extends DekhandError<EnvelopeErrorCode> {}

/** The one error of every failed authentication: nothing in it tells which part was wrong. */
export function authenticationFailed(): EnvelopeError {
  return new EnvelopeError(
    "ENVELOPE_AUTHENTICATION_FAILED",
    "authentication failed: key, envelope and binding do not belong together",
  );
}

export function invalidInput(message: string): EnvelopeError {
  return new EnvelopeError("ENVELOPE_INPUT_INVALID", message);
}
