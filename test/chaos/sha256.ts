import { createHash } from "node:crypto";

export const DIGEST_BYTES = 32;

export function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** Digests that lie one after the other, by the ids that belong to them. */
export function digestsById(ids: readonly string[], digests: Uint8Array): ReadonlyMap<string, Buffer> {
  const all = Buffer.from(digests.buffer, digests.byteOffset, digests.byteLength);
  return new Map(ids.map((id, index) => [id, all.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES)]));
}
