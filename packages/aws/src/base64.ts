const INVALID = 0xff;
const values = new Uint8Array(256).fill(INVALID);
const alphabet = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
for (const [index, character] of alphabet.entries()) values[character] = index;
const PADDING = 0x3d;
const BACKSLASH = 0x5c;
const SLASH = 0x2f;

/**
 * Decodes the standard base64 alphabet (RFC 4648, section 4) in `bytes[start, end)` into a buffer of its own, without
 * making a string on the way. `\/`, which some JSON writers put for `/`, is understood. Undefined for anything that is
 * not base64: foreign characters, an impossible length, padding in the middle.
 */
export function decodeBase64(bytes: Uint8Array, start: number, end: number): Buffer | undefined {
  let last = end;
  while (last > start && bytes[last - 1] === PADDING) last -= 1;
  let escapes = 0;
  for (let at = start; at < last; at += 1) if (bytes[at] === BACKSLASH) escapes += 1;
  const digits = last - start - escapes;
  const padding = end - last;
  if (digits % 4 === 1 || padding > 2 || (padding > 0 && (digits + padding) % 4 !== 0)) return undefined;

  const decoded = Buffer.alloc(Math.floor((digits * 3) / 4));
  let written = 0;
  let bits = 0;
  let held = 0;
  for (let at = start; at < last; at += 1) {
    if (bytes[at] === BACKSLASH && bytes[at + 1] === SLASH) continue;
    const value = values[bytes[at] ?? 0] ?? INVALID;
    if (value === INVALID) {
      decoded.fill(0);
      return undefined;
    }
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    decoded[written] = (held >>> bits) & 0xff;
    written += 1;
  }
  return decoded;
}
