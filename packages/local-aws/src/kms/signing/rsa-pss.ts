/**
 * RSASSA-PSS with SHA-256 for a digest that is there already: node:crypto signs messages only.
 *
 * RFC 8017, sections 9.1 and B.2.1; the salt is as long as the digest, as KMS's is. Keys have 2,048 bits.
 */
import {
  constants,
  createHash,
  createPublicKey,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
} from "node:crypto";

const ENCODED_BYTES = 256;
const DIGEST_BYTES = 32;
const SALT_BYTES = 32;
const BLOCK_BYTES = ENCODED_BYTES - DIGEST_BYTES - 1;
const PADDING_BYTES = BLOCK_BYTES - SALT_BYTES - 1;
const TRAILER = 0xbc;
const padding = constants.RSA_NO_PADDING;

export function signDigest(privateKey: KeyObject, digest: Buffer): Buffer {
  const salt = randomBytes(SALT_BYTES);
  const hash = hashOf(digest, salt);
  const block = Buffer.concat([Buffer.alloc(PADDING_BYTES), Buffer.from([1]), salt]);
  const encoded = Buffer.concat([masked(block, hash), hash, Buffer.from([TRAILER])]);
  return privateEncrypt({ key: privateKey, padding }, encoded);
}

export function isSignatureOf(privateKey: KeyObject, digest: Buffer, { signature }: { signature: Buffer }): boolean {
  const encoded = openSignature(privateKey, signature);
  if (encoded === undefined || encoded.at(-1) !== TRAILER || (encoded[0] ?? 0) >= 0x80) return false;
  const hash = encoded.subarray(BLOCK_BYTES, BLOCK_BYTES + DIGEST_BYTES);
  const block = masked(encoded.subarray(0, BLOCK_BYTES), hash);
  const isPadded = block.subarray(0, PADDING_BYTES).every((byte) => byte === 0) && block[PADDING_BYTES] === 1;
  return isPadded && hashOf(digest, block.subarray(PADDING_BYTES + 1)).equals(hash);
}

function openSignature(privateKey: KeyObject, signature: Buffer): Buffer | undefined {
  if (signature.length !== ENCODED_BYTES) return undefined;
  try {
    return publicDecrypt({ key: createPublicKey(privateKey), padding }, signature);
  } catch {
    // A number that is not below the modulus.
    return undefined;
  }
}

function hashOf(digest: Buffer, salt: Buffer): Buffer {
  return createHash("sha256").update(Buffer.alloc(8)).update(digest).update(salt).digest();
}

/** The block under the mask that MGF1 makes of the hash; the topmost bit is none of the encoded message's. */
function masked(block: Buffer, hash: Buffer): Buffer {
  const mask = Buffer.concat(
    Array.from({ length: Math.ceil(BLOCK_BYTES / DIGEST_BYTES) }, (_, counter) => {
      const suffix = Buffer.alloc(4);
      suffix.writeUInt32BE(counter);
      return createHash("sha256").update(hash).update(suffix).digest();
    }),
  );
  const result = Buffer.from(block.map((byte, at) => byte ^ (mask[at] ?? 0)));
  result[0] = (result[0] ?? 0) & 0x7f;
  return result;
}
