/**
 * ECDSA over P-256 for a digest that is there already: node:crypto signs messages only.
 *
 * FIPS 186-5, section 6.4. Whoever verifies here holds the private key too, so that the one operation on the curve is a
 * multiple of its base point, which node's ECDH does. Not in constant time: for development and tests.
 */
import { createECDH, type KeyObject } from "node:crypto";
import { decodeSignature, encodeSignature } from "./der-signature.ts";

/** Order of the base point. */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const CURVE = "prime256v1";

export function signDigest(privateKey: KeyObject, digest: Buffer): Buffer {
  const secret = secretOf(privateKey);
  for (;;) {
    const nonce = createECDH(CURVE);
    const r = firstCoordinate(nonce.generateKeys()) % ORDER;
    const s = modulo(inverse(toInteger(nonce.getPrivateKey())) * (toInteger(digest) + r * secret));
    if (r !== 0n && s !== 0n) return encodeSignature({ r, s });
  }
}

export function isSignatureOf(privateKey: KeyObject, digest: Buffer, { signature }: { signature: Buffer }): boolean {
  const parts = decodeSignature(signature);
  if (parts === undefined) return false;
  const { r, s } = parts;
  if (r === 0n || s === 0n || r >= ORDER || s >= ORDER) return false;
  const multiple = modulo((toInteger(digest) + r * secretOf(privateKey)) * inverse(s));
  if (multiple === 0n) return false;
  const point = createECDH(CURVE);
  point.setPrivateKey(multiple.toString(16).padStart(64, "0"), "hex");
  return firstCoordinate(point.getPublicKey()) % ORDER === r;
}

function secretOf(privateKey: KeyObject): bigint {
  const { d } = privateKey.export({ format: "jwk" });
  if (d === undefined) throw new Error("not a private key on a curve");
  return toInteger(Buffer.from(d, "base64url"));
}

/** Of an uncompressed point: 0x04, then both coordinates. */
function firstCoordinate(point: Buffer): bigint {
  return toInteger(point.subarray(1, 33));
}

function toInteger(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString("hex")}`);
}

function modulo(value: bigint): bigint {
  return ((value % ORDER) + ORDER) % ORDER;
}

/** By Euclid's extended algorithm. */
function inverse(value: bigint): bigint {
  let [low, high, x, y] = [modulo(value), ORDER, 1n, 0n];
  while (low > 1n) {
    const quotient = high / low;
    [low, high, x, y] = [high - quotient * low, low, y - quotient * x, x];
  }
  return modulo(x);
}
