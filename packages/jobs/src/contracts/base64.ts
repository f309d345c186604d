/**
 * The bytes of canonical base64 (RFC 4648 section 4: standard alphabet, padded,
 * zero pad bits), or undefined. `Buffer.from` alone skips what it does not know,
 * so two texts could carry one payload, or a broken one a shortened payload.
 */
export function decodeBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0) return undefined;
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") === text) return bytes;
  bytes.fill(0);
  return undefined;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
