/**
 * XAES-256-GCM as C2SP specifies it (c2sp.org/XAES-256-GCM): AES-256-GCM under a
 * key derived from the long-lived key and the first half of a 192-bit nonce.
 *
 * Internal: whoever chooses a nonce can repeat one, so only `seal` gets here,
 * with a random nonce, and tests. It is neither nonce-misuse resistant nor
 * key-committing; `dek.ts` adds a commitment.
 */

import { type Cipheriv, createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from "node:crypto";
import { TAG_BYTES } from "./format.ts";

export const XAES_NONCE_BYTES = 24;

/** A key made ready: what depends on the key alone is computed once. */
export interface XaesKey {
  /** AES-256 on bare blocks; lives as long as the key, because a new cipher for each message costs more than the message. */
  readonly blockCipher: Cipheriv;
  /** The two derivation blocks of a nonce of zeros, already XORed with K1. Secret. */
  readonly masks: Uint8Array;
  /** Where the two blocks of the current message are put together. Secret, since K1 follows from it. */
  readonly blocks: Uint8Array;
}

/** From 32 bytes of `key`; wiping them is left to the caller. */
export function createXaesKey(key: Uint8Array): XaesKey {
  const blockCipher = createCipheriv("aes-256-ecb", createSecretKey(key), null);
  blockCipher.setAutoPadding(false);
  const l = blockCipher.update(new Uint8Array(BLOCK_BYTES));
  const k1 = firstSubkey(l);
  const masks = new Uint8Array(2 * BLOCK_BYTES);
  masks.set(k1, 0);
  masks.set(k1, BLOCK_BYTES);
  for (const [at, byte] of derivationPrefix.entries()) masks[at] = (masks[at] ?? 0) ^ byte;
  l.fill(0);
  k1.fill(0);
  return { blockCipher, masks, blocks: new Uint8Array(masks) };
}

const BLOCK_BYTES = 16;
const GCM_NONCE_AT = 12;
// Counter, label 'X' and a zero, of SP 800-108 in counter mode; a nonce follows in each block.
const derivationPrefix = new Map([
  [1, 0x01],
  [2, 0x58],
  [BLOCK_BYTES + 1, 0x02],
  [BLOCK_BYTES + 2, 0x58],
]);

/** K1 of CMAC (SP 800-38B): L doubled in GF(2^128). */
export function firstSubkey(l: Uint8Array): Uint8Array {
  const doubled = new Uint8Array(BLOCK_BYTES);
  let carry = 0;
  for (let at = BLOCK_BYTES - 1; at >= 0; at--) {
    const byte = l[at] ?? 0;
    doubled[at] = ((byte << 1) & 0xff) | carry;
    carry = byte >> 7;
  }
  // No branch on a bit of the key.
  doubled[BLOCK_BYTES - 1] = (doubled[BLOCK_BYTES - 1] ?? 0) ^ (0x87 & -carry);
  return doubled;
}

/** Kx: the AES-256-GCM key of the one message that has this nonce. Secret: the caller wipes it. */
export function messageKey(key: XaesKey, nonce: Uint8Array): Buffer {
  const { masks, blocks } = key;
  for (let at = 0; at < GCM_NONCE_AT; at++) {
    const byte = nonce[at] ?? 0;
    blocks[4 + at] = (masks[4 + at] ?? 0) ^ byte;
    blocks[20 + at] = (masks[20 + at] ?? 0) ^ byte;
  }
  return key.blockCipher.update(blocks);
}

/** Writes ciphertext and tag into `into`, from `at` on. */
export function xaesEncrypt(
  key: XaesKey,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associatedData: Uint8Array,
  into: Buffer,
  at: number,
): void {
  const derived = messageKey(key, nonce);
  const cipher = createCipheriv("aes-256-gcm", cipherKey(derived), nonce.subarray(GCM_NONCE_AT));
  derived.fill(0);
  cipher.setAAD(associatedData);
  // Node's cipher cannot write into a given buffer, so one copy remains. In chunks, a large ciphertext is not in memory
  // twice, and is copied while the processor has it in its cache; up to a mebibyte that saves nothing.
  if (plaintext.length <= MAX_WHOLE_BYTES) {
    cipher.update(plaintext).copy(into, at);
  } else {
    for (let done = 0; done < plaintext.length; done += CHUNK_BYTES) {
      cipher.update(plaintext.subarray(done, done + CHUNK_BYTES)).copy(into, at + done);
    }
  }
  cipher.final();
  cipher.getAuthTag().copy(into, at + plaintext.length);
}

const MAX_WHOLE_BYTES = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

/** The plaintext of `sealed` (ciphertext and tag), or undefined where it is not authentic. */
export function xaesDecrypt(
  key: XaesKey,
  nonce: Uint8Array,
  sealed: Uint8Array,
  associatedData: Uint8Array,
): Buffer | undefined {
  const tagAt = sealed.length - TAG_BYTES;
  const derived = messageKey(key, nonce);
  const decipher = createDecipheriv("aes-256-gcm", cipherKey(derived), nonce.subarray(GCM_NONCE_AT));
  derived.fill(0);
  decipher.setAAD(associatedData);
  decipher.setAuthTag(sealed.subarray(tagAt));
  const plaintext = decipher.update(sealed.subarray(0, tagAt));
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    return undefined;
  }
  return plaintext;
}

/**
 * A message's key as this Node takes it best. Node 24 needs about 15 us more a message for bytes than for a KeyObject;
 * Node 26 takes bytes 2 us faster, and leaves no KeyObject that holds a copy until it is collected.
 */
function cipherKey(bytes: Buffer): Buffer | KeyObject {
  return prefersBytes ? bytes : createSecretKey(bytes);
}

const prefersBytes = Number.parseInt(process.versions.node, 10) >= 26;

/** Wipes what the key owns; it cannot be used afterwards. */
export function disposeXaesKey(key: XaesKey): void {
  // Ends the cipher, so that OpenSSL frees and clears its key schedule now and not at some garbage collection.
  key.blockCipher.final();
  key.masks.fill(0);
  key.blocks.fill(0);
}
