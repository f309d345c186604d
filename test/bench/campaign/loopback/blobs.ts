/** Blobs that look like KMS's in size, and tell key and context, so that a wrong one of either is noticed. */

import { createHash, randomFillSync } from "node:crypto";

/** As long as KMS's for 32 bytes of plaintext. */
const blobBytes = 184;
const digestBytes = 16;

/** @param key which one, 0 to 255 */
export function makeBlob(key: number, context: Readonly<Record<string, string>>): Buffer {
  const blob = randomFillSync(Buffer.alloc(blobBytes));
  blob[0] = key;
  blob.set(digestOf(context), 1);
  return blob;
}

export function keyOfBlob(blob: Uint8Array): number | undefined {
  return blob.length === blobBytes ? blob[0] : undefined;
}

export function isUnderContext(blob: Buffer, context: Readonly<Record<string, string>>): boolean {
  return blob.subarray(1, 1 + digestBytes).equals(digestOf(context));
}

function digestOf(context: Readonly<Record<string, string>>): Buffer {
  const sorted = Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(sorted)).digest().subarray(0, digestBytes);
}
