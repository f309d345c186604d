/**
 * Seals a payload to the deployment's workers, for queues whose store must not
 * see it. Who holds the public key can seal; only who holds the private key can
 * open. HPKE's base mode does not say who sealed.
 */

import type { EncryptJobHeader, SealedPayload } from "../contracts/encrypt-job.ts";
import { JobsError } from "../errors.ts";
import { hpkeSuite, hpkeInfo as info } from "./hpke-suite.ts";
import { transitBinding } from "./transit-binding.ts";
import { type RecipientKey, requireMatchingId, type TransitPublicKey } from "./transit-key.ts";

/** Throws JOBS_TRANSIT_KEY_INVALID. The payload stays the caller's. */
export async function sealForTransit(
  to: TransitPublicKey,
  header: EncryptJobHeader,
  payload: Uint8Array,
): Promise<SealedPayload> {
  requireMatchingId(to);
  const aad = transitBinding(header, to.keyId);
  // A copy with a buffer of its own: from a view the library would make one that nobody wipes.
  const copy = new Uint8Array(payload);
  try {
    const recipientPublicKey = await hpkeSuite.kem.deserializePublicKey(to.publicKey);
    const { ct, enc } = await hpkeSuite.seal({ recipientPublicKey, info }, copy.buffer, aad);
    return { keyId: to.keyId, enc: new Uint8Array(enc), ciphertext: new Uint8Array(ct) };
  } catch (cause) {
    // 32 bytes that are no usable point, for one: all that can go wrong here is the key.
    throw new JobsError("JOBS_TRANSIT_KEY_INVALID", "nothing can be sealed to this transit key", { cause });
  } finally {
    copy.fill(0);
  }
}

/**
 * The payload, the caller's to wipe. Throws JOBS_TRANSIT_OPEN_FAILED, whatever
 * it was that did not fit.
 */
export async function openFromTransit(
  key: RecipientKey,
  header: EncryptJobHeader,
  { keyId, enc, ciphertext }: SealedPayload,
): Promise<Buffer> {
  try {
    const opened = await hpkeSuite.open(
      { recipientKey: key.pair, info, enc },
      ciphertext,
      transitBinding(header, keyId),
    );
    return Buffer.from(opened);
  } catch (cause) {
    throw new JobsError("JOBS_TRANSIT_OPEN_FAILED", "the sealed payload does not open", { cause });
  }
}
