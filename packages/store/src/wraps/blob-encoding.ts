/** How a store of others holds a blob: as bytes, or as canonical base64 text (RFC 4648 section 4, padded). */
export type BlobEncoding = "binary" | "base64";

/**
 * The bytes of canonical base64, or undefined. Another spelling of the same bytes
 * is refused: a swap compares with the stored text, which could then never equal
 * what the bytes give.
 */
export function decodeBlobText(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

export function encodeBlobText(bytes: Uint8Array): string {
  return asBuffer(bytes).toString("base64");
}

/** A view of the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
