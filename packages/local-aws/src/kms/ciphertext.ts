/**
 * The ciphertext blob of this KMS. Opaque to clients, as AWS's is:
 *
 *   "DKL" 0x01 | key id kind 1 B | key id 16 B | key material id 32 B | nonce 12 B | CRC-32 of all that 4 B
 *   | AES-256-GCM ciphertext | tag 16 B
 *
 * The header is authenticated together with the encryption context. The
 * checksum tells a damaged header (InvalidCiphertextException) from an intact
 * one that names a key we do not have.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import type { KeyFamily, KeyMaterial } from "./key-model.ts";

const MAGIC = Buffer.from([0x44, 0x4b, 0x4c, 0x01]);
const HEADER_BYTES = 65;
const BODY_AT = HEADER_BYTES + 4;
const TAG_BYTES = 16;

export interface ParsedBlob {
  readonly keyId: string;
  readonly materialId: string;
  readonly bytes: Buffer;
}

export function sealBlob(family: KeyFamily, material: KeyMaterial, plaintext: Uint8Array, context: Buffer): Buffer {
  const blob = Buffer.allocUnsafe(BODY_AT + plaintext.length + TAG_BYTES);
  MAGIC.copy(blob, 0);
  blob[4] = family.keyId.startsWith("mrk-") ? 1 : 0;
  blob.write(family.keyId.replace("mrk-", "").replaceAll("-", ""), 5, 16, "hex");
  blob.write(material.id, 21, 32, "hex");
  const nonce = nextNonce();
  nonce.copy(blob, 53);
  const header = blob.subarray(0, HEADER_BYTES);
  blob.writeUInt32BE(crc32(header), HEADER_BYTES);
  const cipher = createCipheriv("aes-256-gcm", material.secret, nonce);
  cipher.setAAD(Buffer.concat([header, context]));
  cipher.update(plaintext).copy(blob, BODY_AT);
  cipher.final();
  cipher.getAuthTag().copy(blob, BODY_AT + plaintext.length);
  return blob;
}

/** What the blob says of itself, or undefined where it is none of ours or damaged. */
export function parseBlob(bytes: Buffer): ParsedBlob | undefined {
  if (bytes.length <= BODY_AT + TAG_BYTES || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  if (bytes.readUInt32BE(HEADER_BYTES) !== crc32(bytes.subarray(0, HEADER_BYTES))) return undefined;
  return {
    keyId: keyIdText(bytes.toString("hex", 5, 21), bytes[4] === 1),
    materialId: bytes.toString("hex", 21, 53),
    bytes,
  };
}

/** The plaintext, or undefined where ciphertext, header or context are not what was sealed. */
export function openBlob({ bytes }: ParsedBlob, material: KeyMaterial, context: Buffer): Buffer | undefined {
  const tagAt = bytes.length - TAG_BYTES;
  const decipher = createDecipheriv("aes-256-gcm", material.secret, bytes.subarray(53, HEADER_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.concat([bytes.subarray(0, HEADER_BYTES), context]));
  decipher.setAuthTag(bytes.subarray(tagAt));
  const plaintext = decipher.update(bytes.subarray(BODY_AT, tagAt));
  try {
    decipher.final();
    return plaintext;
  } catch {
    return undefined;
  }
}

const NONCE_BYTES = 12;
let pool: Buffer = Buffer.alloc(0);
let poolAt = 0;

/** A call to the random source for each nonce would cost as much as the encryption. */
function nextNonce(): Buffer {
  if (poolAt + NONCE_BYTES > pool.length) {
    pool = randomBytes(NONCE_BYTES * 512);
    poolAt = 0;
  }
  poolAt += NONCE_BYTES;
  return pool.subarray(poolAt - NONCE_BYTES, poolAt);
}

function keyIdText(hex: string, multiRegion: boolean): string {
  if (multiRegion) return `mrk-${hex}`;
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
