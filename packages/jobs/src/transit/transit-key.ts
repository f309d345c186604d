/**
 * Key pairs for transit sealing: X25519, named by a digest of the public half,
 * so that a key id can never be paired with another key by mistake.
 */

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  type webcrypto,
} from "node:crypto";
import { JobsError } from "../errors.ts";

export interface TransitPublicKey {
  /** "x25519-" and 22 characters of base64url. */
  readonly keyId: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

export interface TransitKeyPair extends TransitPublicKey {
  /** 32 bytes, the caller's to wipe. */
  readonly privateKey: Uint8Array;
}

/** A private key ready for opening. What holds it keeps the key in memory. */
export interface RecipientKey extends TransitPublicKey {
  /** Not extractable. */
  readonly pair: { readonly privateKey: webcrypto.CryptoKey; readonly publicKey: webcrypto.CryptoKey };
}

const keyBytes = 32;
/** What stands before the 32 key bytes in PKCS #8 and in SPKI (RFC 8410). */
const pkcs8Prefix = Buffer.from("302e020100300506032b656e04220420", "hex");

export function generateTransitKeyPair(): TransitKeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  const der = privateKey.export({ type: "pkcs8", format: "der" });
  try {
    return { ...toTransitPublicKey(rawPublicKey(publicKey)), privateKey: new Uint8Array(der.subarray(-keyBytes)) };
  } finally {
    der.fill(0);
  }
}

/** The public key of 32 raw bytes, with its id. Throws JOBS_TRANSIT_KEY_INVALID. */
export function toTransitPublicKey(publicKey: Uint8Array): TransitPublicKey {
  if (publicKey.length !== keyBytes) {
    throw new JobsError("JOBS_TRANSIT_KEY_INVALID", "a public transit key has 32 bytes");
  }
  const digest = createHash("sha256").update("dekhand/v1/transit-key").update(publicKey).digest("base64url");
  return { keyId: `x25519-${digest.slice(0, 22)}`, publicKey: new Uint8Array(publicKey) };
}

/** Throws JOBS_TRANSIT_KEY_INVALID where the id is not the key's. */
export function requireMatchingId({ keyId, publicKey }: TransitPublicKey): void {
  if (toTransitPublicKey(publicKey).keyId !== keyId) {
    throw new JobsError("JOBS_TRANSIT_KEY_INVALID", "the transit key id does not belong to the key");
  }
}

/** `privateKey` is not kept; the caller wipes it. Throws JOBS_TRANSIT_KEY_INVALID. */
export function importRecipientKey(keyId: string, privateKey: Uint8Array): RecipientKey {
  if (privateKey.length !== keyBytes) {
    throw new JobsError("JOBS_TRANSIT_KEY_INVALID", "a private transit key has 32 bytes");
  }
  const der = Buffer.concat([pkcs8Prefix, privateKey]);
  try {
    const secret = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    const open = createPublicKey(secret);
    const publicKey = toTransitPublicKey(rawPublicKey(open));
    if (publicKey.keyId !== keyId) {
      throw new JobsError("JOBS_TRANSIT_KEY_INVALID", "the transit key id does not belong to the key", {
        context: { keyId },
      });
    }
    const pair = {
      privateKey: secret.toCryptoKey("X25519", false, ["deriveBits"]),
      // Public halves are extractable: HPKE binds the shared secret to their bytes.
      publicKey: open.toCryptoKey("X25519", true, []),
    };
    return { ...publicKey, pair };
  } finally {
    der.fill(0);
  }
}

function rawPublicKey(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" }).subarray(-keyBytes);
}
