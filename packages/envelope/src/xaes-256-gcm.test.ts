import { createCipheriv, createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { TAG_BYTES } from "./format.ts";
import {
  createXaesKey,
  disposeXaesKey,
  firstSubkey,
  messageKey,
  type XaesKey,
  xaesDecrypt,
  xaesEncrypt,
} from "./xaes-256-gcm.ts";

// From the specification's test vectors.
const vectors = [
  {
    name: "vector 1, the top bit of L clear",
    key: "01".repeat(32),
    associatedData: "",
    l: "7298caa565031eadc6ce23d23ea66378",
    k1: "e531954aca063d5b8d9c47a47d4cc6f0",
    kx: "c8612c9ed53fe43e8e005b828a1631a0bbcb6ab2f46514ec4f439fcfd0fa969b",
    sealed: "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271",
  },
  {
    name: "vector 2, the top bit of L set",
    key: "03".repeat(32),
    associatedData: "c2sp.org/XAES-256-GCM",
    l: "91c08762876dccf9ba204a33768fa5fe",
    k1: "23810ec50edb99f374409466ed1f4b7b",
    kx: "e9c621d4cdd9b11b00a6427ad7e559aeedd66b3857646677748f8ca796cb3fd8",
    sealed: "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d",
  },
];
const nonce = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWX");
const plaintext = Buffer.from("XAES-256-GCM");

describe.each(vectors)("XAES-256-GCM, $name", ({ key: keyHex, associatedData, l, k1, kx, sealed }) => {
  const keyBytes = Buffer.from(keyHex, "hex");
  const aad = Buffer.from(associatedData);

  it("derives L and K1 as the specification has them", () => {
    const block = createCipheriv("aes-256-ecb", keyBytes, null).setAutoPadding(false).update(Buffer.alloc(16));
    expect(block.toString("hex")).toBe(l);
    expect(Buffer.from(firstSubkey(block)).toString("hex")).toBe(k1);
  });

  it("derives the message's key Kx as the specification has it, whatever message came before", () => {
    const key = createXaesKey(keyBytes);
    expect(messageKey(key, nonce).toString("hex")).toBe(kx);
    messageKey(key, Buffer.alloc(24, 0xff));
    expect(messageKey(key, nonce).toString("hex")).toBe(kx);
  });

  it("encrypts to the vector's ciphertext and tag, and decrypts them", () => {
    const key = createXaesKey(keyBytes);
    expect(encrypt(key, nonce, plaintext, aad).toString("hex")).toBe(sealed);
    expect(xaesDecrypt(key, nonce, Buffer.from(sealed, "hex"), aad)).toEqual(plaintext);
  });

  it("decrypts nothing when nonce, associated data, ciphertext or tag differ in a bit", () => {
    const key = createXaesKey(keyBytes);
    const genuine = Buffer.from(sealed, "hex");
    for (let at = 0; at < genuine.length; at++) {
      expect(xaesDecrypt(key, nonce, flip(genuine, at), aad)).toBeUndefined();
    }
    for (let at = 0; at < nonce.length; at++) {
      expect(xaesDecrypt(key, flip(nonce, at), genuine, aad)).toBeUndefined();
    }
    expect(xaesDecrypt(key, nonce, genuine, Buffer.concat([aad, Buffer.alloc(1)]))).toBeUndefined();
    expect(xaesDecrypt(key, nonce, Buffer.alloc(TAG_BYTES), aad)).toBeUndefined();
  });
});

describe("XAES-256-GCM in chunks", () => {
  it.each([1_048_576, 1_048_577, 1_048_576 + 65_536, 1_048_576 + 65_537])(
    "is the same as in one piece at %i bytes",
    (length) => {
      const key = createXaesKey(Buffer.alloc(32, 7));
      const bytes = Buffer.alloc(length, "chunk");
      const cipher = createCipheriv("aes-256-gcm", messageKey(key, nonce), nonce.subarray(12)).setAAD(Buffer.from("x"));
      const whole = Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
      expect(encrypt(key, nonce, bytes, Buffer.from("x")).equals(whole)).toBe(true);
      expect(xaesDecrypt(key, nonce, whole, Buffer.from("x"))?.equals(bytes)).toBe(true);
    },
  );
});

describe("disposing of a key", () => {
  it("wipes what it owns and ends its cipher", () => {
    const key = createXaesKey(Buffer.alloc(32, 9));
    messageKey(key, nonce);
    expect(isZero(key.masks) || isZero(key.blocks)).toBe(false);
    disposeXaesKey(key);
    expect(isZero(key.masks) && isZero(key.blocks)).toBe(true);
    expect(() => key.blockCipher.update(Buffer.alloc(16))).toThrow();
  });
});

describe("XAES-256-GCM, accumulated", () => {
  it("gives the specification's digest after 10,000 random messages", () => {
    expect(accumulate(10_000)).toBe("e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939");
  });

  it.runIf(process.env.DEKHAND_LONG_TESTS === "1")(
    "gives the specification's digest after 1,000,000 random messages (takes a minute: with DEKHAND_LONG_TESTS=1)",
    () => {
      expect(accumulate(1_000_000)).toBe("2163ae1445985a30b60585ee67daa55674df06901b890593e824b8a7c885ab15");
    },
    300_000,
  );
});

/** Everything random comes out of one SHAKE-128 of nothing; every sealed message goes into another. */
function accumulate(iterations: number): string {
  const longestMessage = 32 + 24 + 2 * 256;
  const averageMessage = 32 + 24 + 2 * 128.5;
  // The stream has to be squeezed in one piece; what is taken from it stays close to the average.
  const outputLength = Math.ceil(iterations * averageMessage + Math.sqrt(iterations) * longestMessage);
  const stream = createHash("shake128", { outputLength }).digest();
  expect(stream.toString("hex", 0, 16)).toBe("7f9c2ba4e88f827d616045507605853e");
  let used = 0;
  const take = (length: number) => {
    used += length;
    return stream.subarray(used - length, used);
  };
  const takeShort = () => take(take(1)[0] ?? 0);

  const digest = createHash("shake128", { outputLength: 32 });
  for (let done = 0; done < iterations; done++) {
    const key = createXaesKey(take(32));
    const messageNonce = take(24);
    const message = takeShort();
    const aad = takeShort();
    const sealed = encrypt(key, messageNonce, message, aad);
    digest.update(sealed);
    if (!xaesDecrypt(key, messageNonce, sealed, aad)?.equals(message)) throw new Error("does not decrypt");
  }
  expect(used).toBeLessThanOrEqual(stream.length);
  return digest.digest("hex");
}

function encrypt(key: XaesKey, messageNonce: Uint8Array, message: Uint8Array, aad: Uint8Array): Buffer {
  const sealed = Buffer.alloc(message.length + TAG_BYTES);
  xaesEncrypt(key, messageNonce, message, aad, sealed, 0);
  return sealed;
}

function flip(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0x80;
  return copy;
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
