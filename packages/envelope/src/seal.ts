import type { RecordBinding } from "./binding.ts";
import type { Dek } from "./dek.ts";
import { writeRandomNonce } from "./nonce-pool.ts";
import { sealWith } from "./seal-with.ts";

/**
 * Seals `plaintext` (0 B to 64 MiB) under a random nonce, bound to `binding`.
 *
 * @returns the envelope, 58 bytes longer than the plaintext. Sealing the same again gives another one.
 * @throws EnvelopeError `ENVELOPE_TOO_LARGE`, `ENVELOPE_INPUT_INVALID`, `ENVELOPE_DEK_DISPOSED`
 */
export function seal(dek: Dek, plaintext: Uint8Array, binding: RecordBinding): Buffer {
  return sealWith(writeRandomNonce, dek, plaintext, binding);
}
