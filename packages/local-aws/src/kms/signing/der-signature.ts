/** An ECDSA signature as KMS writes it: DER, a sequence of two integers (RFC 3279, section 2.2.3). */
export interface SignatureParts {
  readonly r: bigint;
  readonly s: bigint;
}

const SEQUENCE = 0x30;
const INTEGER = 0x02;
/** Longer ones would need lengths of several bytes; those of P-256 do not. */
const MAX_BYTES = 127;

export function encodeSignature({ r, s }: SignatureParts): Buffer {
  const body = Buffer.concat([encodeInteger(r), encodeInteger(s)]);
  return Buffer.concat([Buffer.from([SEQUENCE, body.length]), body]);
}

/** Undefined where it is anything but what `encodeSignature` makes. */
export function decodeSignature(der: Buffer): SignatureParts | undefined {
  if (der[0] !== SEQUENCE || der[1] !== der.length - 2) return undefined;
  const r = integerAt(der, 2);
  if (r === undefined) return undefined;
  const s = integerAt(der, r.end);
  if (s?.end !== der.length) return undefined;
  const parts = { r: r.value, s: s.value };
  return encodeSignature(parts).equals(der) ? parts : undefined;
}

function encodeInteger(value: bigint): Buffer {
  const hex = value.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  // The first bit is a sign.
  const positive = (bytes[0] ?? 0) < 0x80 ? bytes : Buffer.concat([Buffer.from([0]), bytes]);
  return Buffer.concat([Buffer.from([INTEGER, positive.length]), positive]);
}

function integerAt(der: Buffer, at: number): { readonly value: bigint; readonly end: number } | undefined {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  if (der[at] !== INTEGER || length === 0 || length > MAX_BYTES || end > der.length) return undefined;
  return { value: BigInt(`0x${der.toString("hex", at + 2, end)}`), end };
}
