/** Sealing with the nonce's source as a parameter: for `seal`, and for tests that need one envelope byte for byte. */

import { associatedData, type RecordBinding, readBinding } from "./binding.ts";
import { type Dek, secretsOf } from "./dek.ts";
import { checkPlaintextLength, ENVELOPE_OVERHEAD_BYTES, HEADER_BYTES, NONCE_AT, requireBytes } from "./format.ts";
import { xaesEncrypt } from "./xaes-256-gcm.ts";

/** Writes 24 bytes that were never used before. */
export type NonceSource = (target: Buffer, at: number) => void;

export function sealWith(writeNonce: NonceSource, dek: Dek, plaintext: Uint8Array, binding: RecordBinding): Buffer {
  const bound = readBinding(binding);
  requireBytes(plaintext, "the plaintext");
  checkPlaintextLength(plaintext.length);
  const { headerStart, xaesKey } = secretsOf(dek);
  const envelope = Buffer.allocUnsafe(ENVELOPE_OVERHEAD_BYTES + plaintext.length);
  envelope.set(headerStart);
  writeNonce(envelope, NONCE_AT);
  const nonce = envelope.subarray(NONCE_AT, HEADER_BYTES);
  xaesEncrypt(xaesKey, nonce, plaintext, associatedData(envelope, bound), envelope, HEADER_BYTES);
  return envelope;
}
