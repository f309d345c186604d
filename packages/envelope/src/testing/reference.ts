/**
 * The format a second time, written from docs/envelope-format.md for clearness
 * alone: no pool, no cache, every step by its own name. Tests compare the two.
 */

import { createCipheriv, createHmac } from "node:crypto";
import type { RecordBinding } from "../index.ts";

/** Every value on the way from the inputs to the envelope, in the order of the specification. */
export interface ReferenceSteps {
  readonly encryptionKey: Buffer;
  readonly commitment: Buffer;
  readonly header: Buffer;
  readonly context: Buffer;
  readonly aad: Buffer;
  readonly l: Buffer;
  readonly k1: Buffer;
  readonly kx: Buffer;
  readonly ciphertextAndTag: Buffer;
  readonly envelope: Buffer;
}

export interface ReferenceInput {
  readonly dekId: string;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly plaintext: Uint8Array;
  readonly binding: RecordBinding;
}

export function referenceSteps({ dekId, key, nonce, plaintext, binding }: ReferenceInput): ReferenceSteps {
  const id = Buffer.from(dekId.replaceAll("-", ""), "hex");
  const encryptionKey = hkdf(key, id, Buffer.from("dekhand/v1/encrypt\x01"));
  const commitment = hkdf(key, id, Buffer.from("dekhand/v1/commit\x01"));
  const header = Buffer.concat([Buffer.from([0x01, 0x01]), id, nonce]);
  const context = referenceContext(binding.context);
  const revision = binding.revision === undefined ? Buffer.from([0]) : Buffer.from([1, ...u64(binding.revision)]);
  const aad = Buffer.concat([
    Buffer.from("dekhand/v1/record"),
    header,
    withLength(Buffer.from(binding.recordId)),
    withLength(context),
    withLength(Buffer.from(binding.contentType)),
    revision,
    u64(binding.epoch),
  ]);
  const l = aesBlock(encryptionKey, Buffer.alloc(16));
  const k1 = double(l);
  const kx = Buffer.concat([1, 2].map((counter) => derivedBlock(encryptionKey, k1, counter, nonce.subarray(0, 12))));
  const cipher = createCipheriv("aes-256-gcm", kx, nonce.subarray(12));
  cipher.setAAD(aad);
  const ciphertextAndTag = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  const envelope = Buffer.concat([header, ciphertextAndTag]);
  return { encryptionKey, commitment, header, context, aad, l, k1, kx, ciphertextAndTag, envelope };
}

/** RFC 5869 with one block of output. */
function hkdf(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array): Buffer {
  const pseudorandomKey = createHmac("sha256", salt).update(ikm).digest();
  return createHmac("sha256", pseudorandomKey)
    .update(info)
    .update(Buffer.from([1]))
    .digest();
}

export function referenceContext(context: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(context).map(([key, value]) => [Buffer.from(key), Buffer.from(value)] as const);
  const sorted = pairs.toSorted(([a], [b]) => Buffer.compare(a, b));
  return Buffer.concat(sorted.flat().map(withLength));
}

function withLength(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

function derivedBlock(key: Uint8Array, k1: Buffer, counter: number, nonceStart: Uint8Array): Buffer {
  const message = Buffer.concat([Buffer.from([0, counter, 0x58, 0]), nonceStart]);
  return aesBlock(
    key,
    message.map((byte, at) => byte ^ (k1[at] ?? 0)),
  );
}

function aesBlock(key: Uint8Array, block: Uint8Array): Buffer {
  return createCipheriv("aes-256-ecb", key, null).setAutoPadding(false).update(block);
}

/** In GF(2^128), as CMAC has it. */
function double(block: Buffer): Buffer {
  const shifted = (BigInt(`0x${block.toString("hex")}`) << 1n) ^ ((block[0] ?? 0) & 0x80 ? 0x87n : 0n);
  return Buffer.from(BigInt.asUintN(128, shifted).toString(16).padStart(32, "0"), "hex");
}
