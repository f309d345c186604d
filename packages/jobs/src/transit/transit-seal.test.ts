import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from "@hpke/core";
import { describe, expect, it } from "vitest";
import type { EncryptJobHeader } from "../contracts/encrypt-job.ts";
import { JobsError } from "../errors.ts";
import { hpkeSuite } from "./hpke-suite.ts";
import { transitBinding } from "./transit-binding.ts";
import { generateTransitKeyPair, importRecipientKey, type TransitKeyPair, toTransitPublicKey } from "./transit-key.ts";
import { openFromTransit, sealForTransit } from "./transit-seal.ts";

const header: EncryptJobHeader = {
  version: 1,
  kind: "encrypt",
  id: "job-1",
  recordId: "record-1",
  profile: "pii",
  context: { tenant: "acme", region: "eu" },
  contentType: "text/plain",
  revision: 258,
};

function recipient(pair: TransitKeyPair) {
  return importRecipientKey(pair.keyId, new Uint8Array(pair.privateKey));
}

describe("transit sealing", () => {
  const pair = generateTransitKeyPair();
  const key = recipient(pair);

  it("opens what was sealed, of any size", async () => {
    for (const bytes of [1, 16, 4_096, 1_048_577]) {
      const payload = Buffer.alloc(bytes, bytes);
      const sealed = await sealForTransit(pair, header, payload);
      expect(sealed.ciphertext.length).toBe(bytes + 16);
      expect(payload.equals(await openFromTransit(key, header, sealed))).toBe(true);
    }
  });

  it("leaves the caller's payload as it was", async () => {
    const payload = Buffer.from("payload");
    await sealForTransit(pair, header, payload);
    expect(payload.toString()).toBe("payload");
  });

  it("never seals to the same bytes twice", async () => {
    const [a, b] = await Promise.all([1, 2].map(() => sealForTransit(pair, header, Buffer.from("same"))));
    expect(a?.enc).not.toEqual(b?.enc);
    expect(a?.ciphertext).not.toEqual(b?.ciphertext);
  });

  it.each<[string, Partial<EncryptJobHeader>]>([
    ["job", { id: "job-2" }],
    ["record", { recordId: "record-2" }],
    ["profile", { profile: "pij" }],
    ["context", { context: { tenant: "acme", region: "us" } }],
    ["context with a key less", { context: { tenant: "acme" } }],
    [
      "context with a prototype-like key more",
      { context: JSON.parse('{"tenant":"acme","region":"eu","__proto__":"x"}') },
    ],
    ["content type", { contentType: "text/html" }],
    ["revision", { revision: 259 }],
  ])("does not open for another %s", async (_, moved) => {
    const sealed = await sealForTransit(pair, header, Buffer.from("payload"));
    const opening = openFromTransit(key, { ...header, ...moved }, sealed);
    await expect(opening).rejects.toMatchObject({ code: "JOBS_TRANSIT_OPEN_FAILED", retryable: false });
  });

  it("does not open for a job whose revision is absent instead of 0, nor the other way", async () => {
    const { revision: _, ...without } = header;
    const sealed = await sealForTransit(pair, without, Buffer.from("payload"));
    await expect(openFromTransit(key, { ...without, revision: 0 }, sealed)).rejects.toThrow(JobsError);
    const sealedZero = await sealForTransit(pair, { ...without, revision: 0 }, Buffer.from("payload"));
    await expect(openFromTransit(key, without, sealedZero)).rejects.toThrow(JobsError);
  });

  it("fails alike, whatever was changed: each byte, the key, the length", async () => {
    const sealed = await sealForTransit(pair, header, Buffer.from("pay"));
    const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
    const broken = [
      // The last bit of a u-coordinate is masked by X25519 but bound by HPKE as bytes.
      ...[...sealed.enc.keys()].map((at) => ({ ...sealed, enc: flipped(sealed.enc, at) })),
      ...[...sealed.ciphertext.keys()].map((at) => ({ ...sealed, ciphertext: flipped(sealed.ciphertext, at) })),
      { ...sealed, enc: new Uint8Array(32) },
      { ...sealed, enc: sealed.enc.subarray(1) },
      { ...sealed, ciphertext: sealed.ciphertext.subarray(1) },
      { ...sealed, ciphertext: new Uint8Array() },
      { ...sealed, keyId: "x25519-another" },
    ];
    const failures = await Promise.all(broken.map((each) => openFromTransit(key, header, each).catch((e) => e)));
    expect(new Set(failures.map((error) => `${error.code} ${error.message}`))).toEqual(
      new Set(["JOBS_TRANSIT_OPEN_FAILED the sealed payload does not open"]),
    );
    const stranger = recipient(generateTransitKeyPair());
    await expect(openFromTransit(stranger, header, sealed)).rejects.toThrow("does not open");
  });

  it("binds every part, each with its length in front", () => {
    expect(transitBinding({ ...header, context: { b: "2", a: "1" } }, "k").toString("hex")).toBe(
      [
        Buffer.from("dekhand/v1/transit").toString("hex"),
        `00000007${Buffer.from("encrypt").toString("hex")}`,
        `00000005${Buffer.from("job-1").toString("hex")}`,
        `00000008${Buffer.from("record-1").toString("hex")}`,
        `00000003${Buffer.from("pii").toString("hex")}`,
        "0000001400000001610000000131000000016200000001" + "32",
        `0000000a${Buffer.from("text/plain").toString("hex")}`,
        "010000000000000102",
        "000000016b",
      ].join(""),
    );
  });

  it("opens a golden message", async () => {
    const golden = importRecipientKey("x25519-Fhr3fLpPcjFvHWvrRVaK14", Buffer.alloc(32, 7));
    const sealed = {
      keyId: golden.keyId,
      enc: Buffer.from("C9+XMDrB7gDe5DWX4g0EgcTzbYPKUeHLDHF4Wml18wA=", "base64"),
      ciphertext: Buffer.from("cZkpQBGRrSgGmgLG3fUSDZlzfHltpg==", "base64"),
    };
    expect((await openFromTransit(golden, header, sealed)).toString()).toBe("golden");
  });
});

describe("transit keys", () => {
  it("are named by their public half", () => {
    const pair = generateTransitKeyPair();
    expect(toTransitPublicKey(pair.publicKey).keyId).toBe(pair.keyId);
    expect(generateTransitKeyPair().keyId).not.toBe(pair.keyId);
  });

  it("cannot be paired with another key's id", async () => {
    const [one, other] = [generateTransitKeyPair(), generateTransitKeyPair()];
    const invalid = expect.objectContaining({ code: "JOBS_TRANSIT_KEY_INVALID" });
    expect(() => importRecipientKey(other.keyId, one.privateKey)).toThrow(invalid);
    const mixed = { keyId: other.keyId, publicKey: one.publicKey };
    await expect(sealForTransit(mixed, header, Buffer.from("x"))).rejects.toEqual(invalid);
    expect(() => toTransitPublicKey(new Uint8Array(31))).toThrow(invalid);
    expect(() => importRecipientKey(one.keyId, new Uint8Array(33))).toThrow(invalid);
  });

  it("refuse a public key that would share no secret", async () => {
    const zero = toTransitPublicKey(new Uint8Array(32));
    await expect(sealForTransit(zero, header, Buffer.from("x"))).rejects.toMatchObject({
      code: "JOBS_TRANSIT_KEY_INVALID",
    });
  });

  it("are not extractable once imported", () => {
    expect(recipient(generateTransitKeyPair()).pair.privateKey.extractable).toBe(false);
  });
});

describe("the HPKE library", () => {
  it("reproduces RFC 9180's vector for this very suite", async () => {
    const hex = (text: string) => Buffer.from(text, "hex");
    const suite = new CipherSuite({
      kem: new DhkemX25519HkdfSha256(),
      kdf: new HkdfSha256(),
      aead: new Aes256Gcm(),
    });
    expect([suite.kem.id, suite.kdf.id, suite.aead.id]).toEqual([0x20, 0x01, 0x02]);
    expect([hpkeSuite.kem.id, hpkeSuite.kdf.id, hpkeSuite.aead.id]).toEqual([0x20, 0x01, 0x02]);
    const info = hex("4f6465206f6e2061204772656369616e2055726e");
    const ekm = hex("2cd7c601cefb3d42a62b04b7a9041494c06c7843818e0ce28a8f704ae7ab20f9");
    const ikmR = hex("dac33b0e9db1b59dbbea58d59a14e7b5896e9bdf98fad6891e99d1686492b9ee");
    const pair = await hpkeSuite.kem.deriveKeyPair(new Uint8Array(ikmR).buffer);
    const sender = await hpkeSuite.createSenderContext({
      recipientPublicKey: pair.publicKey,
      info,
      ekm: new Uint8Array(ekm).buffer,
    });
    expect(Buffer.from(sender.enc).toString("hex")).toBe(
      "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256",
    );
    const ciphertext = await sender.seal(Buffer.from("Beauty is truth, truth beauty"), Buffer.from("Count-0"));
    expect(Buffer.from(ciphertext).toString("hex")).toBe(
      "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a",
    );
  });
});
