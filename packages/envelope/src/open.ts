import { associatedData, type RecordBinding, readBinding } from "./binding.ts";
import { type Dek, secretsOf } from "./dek.ts";
import { authenticationFailed } from "./errors.ts";
import { checkFrame, DEK_ID_AT, HEADER_BYTES, NONCE_AT } from "./format.ts";
import { xaesDecrypt } from "./xaes-256-gcm.ts";

/**
 * Opens an envelope that was sealed under `dek` and with an equal `binding`.
 *
 * @returns the plaintext, in memory of its own: whoever receives it wipes it.
 * @throws EnvelopeError `ENVELOPE_AUTHENTICATION_FAILED` for a wrong DEK, another binding or changed bytes alike;
 * `ENVELOPE_MALFORMED`, `ENVELOPE_VERSION_UNKNOWN`, `ENVELOPE_SUITE_UNKNOWN`, `ENVELOPE_TOO_LARGE` for what cannot be an
 * envelope; `ENVELOPE_INPUT_INVALID`, `ENVELOPE_DEK_DISPOSED`
 */
export function open(dek: Dek, envelope: Uint8Array, binding: RecordBinding): Buffer {
  const bound = readBinding(binding);
  const { headerStart, xaesKey } = secretsOf(dek);
  checkFrame(envelope);
  const header = envelope.subarray(0, HEADER_BYTES);
  const aad = associatedData(header, bound);
  // GCM does not commit to its key, so that the tag alone would not tell which DEK it was.
  if (!startsWithDekId(header, headerStart)) throw authenticationFailed();
  const plaintext = xaesDecrypt(xaesKey, header.subarray(NONCE_AT), envelope.subarray(HEADER_BYTES), aad);
  if (plaintext === undefined) throw authenticationFailed();
  return plaintext;
}

/** Public bytes on both sides: no constant time needed. */
function startsWithDekId(header: Uint8Array, headerStart: Uint8Array): boolean {
  for (let at = DEK_ID_AT; at < NONCE_AT; at++) {
    if (header[at] !== headerStart[at]) return false;
  }
  return true;
}
