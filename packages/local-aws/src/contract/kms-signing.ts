import { constants, createHash, createPublicKey, type KeyObject, verify as verifyLocally } from "node:crypto";
import {
  type CreateKeyCommandInput,
  DescribeKeyCommand,
  DisableKeyCommand,
  GenerateMacCommand,
  GetKeyLastUsageCommand,
  GetPublicKeyCommand,
  ListKeyRotationsCommand,
  SignCommand,
  type SigningAlgorithmSpec,
  VerifyCommand,
  VerifyMacCommand,
} from "@aws-sdk/client-kms";
import { describe, expect } from "vitest";
import { defined, expectError, type KmsSuite } from "./kms-suite.ts";
import { itCan } from "./target.ts";

interface Kind {
  readonly spec: NonNullable<CreateKeyCommandInput["KeySpec"]>;
  readonly algorithm: SigningAlgorithmSpec;
  readonly options: (key: KeyObject) => Parameters<typeof verifyLocally>[2];
}

const ecdsa: Kind = {
  spec: "ECC_NIST_P256",
  algorithm: "ECDSA_SHA_256",
  options: (key) => ({ key, dsaEncoding: "der" }),
};
const pss: Kind = {
  spec: "RSA_2048",
  algorithm: "RSASSA_PSS_SHA_256",
  options: (key) => ({ key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }),
};
const message = Buffer.from("what was found");
const digest = createHash("sha256").update(message).digest();

export function describeSigning(suite: KmsSuite): void {
  const { target } = suite;
  const createSigner = ({ spec }: Kind) => suite.createKey({ KeySpec: spec, KeyUsage: "SIGN_VERIFY" });
  const sign = async (KeyId: string, { algorithm }: Kind, asDigest = true) => {
    const subject = asDigest ? ({ Message: digest, MessageType: "DIGEST" } as const) : { Message: message };
    const answer = await suite.kms.send(new SignCommand({ KeyId, ...subject, SigningAlgorithm: algorithm }));
    expect(answer).toMatchObject({ SigningAlgorithm: algorithm });
    return defined(answer.Signature);
  };
  const verify = (KeyId: string, { algorithm }: Kind, Signature: Uint8Array, Message: Uint8Array = message) =>
    suite.kms.send(new VerifyCommand({ KeyId, Message, Signature, SigningAlgorithm: algorithm }));

  describe.each([ecdsa, pss])("signatures with $algorithm", (kind) => {
    itCan(target, "kms.signing", "fit digest and message alike, here and outside, and nothing else", async () => {
      const key = await createSigner(kind);
      const { PublicKey } = await suite.kms.send(new GetPublicKeyCommand({ KeyId: key.arn }));
      const publicKey = createPublicKey({ key: Buffer.from(defined(PublicKey)), type: "spki", format: "der" });
      for (const asDigest of [true, false]) {
        // Several, because lengths and leading bits differ by chance.
        for (let round = 0; round < (target.real ? 1 : 20); round += 1) {
          const signature = await sign(key.arn, kind, asDigest);
          expect(verifyLocally("sha256", message, kind.options(publicKey), signature)).toBe(true);
          expect(await verify(key.arn, kind, signature)).toMatchObject({ KeyId: key.arn, SignatureValid: true });
        }
      }
      const signature = await sign(key.arn, kind);
      const changed = Uint8Array.from(signature, (byte, at) => (at === signature.length - 1 ? byte ^ 1 : byte));
      await expectError(verify(key.arn, kind, changed), "KMSInvalidSignatureException");
      await expectError(verify(key.arn, kind, signature.subarray(1)), "KMSInvalidSignatureException");
      await expectError(verify(key.arn, kind, signature, Buffer.from("other")), "KMSInvalidSignatureException");
      const other = await createSigner(kind);
      await expectError(verify(other.arn, kind, signature), "KMSInvalidSignatureException");
    });

    itCan(target, "kms.signing", "need a key, an algorithm and a digest that fit", async () => {
      const key = await createSigner(kind);
      const { KeyMetadata: metadata } = await suite.kms.send(new DescribeKeyCommand({ KeyId: key.arn }));
      expect(metadata).toMatchObject({ KeyUsage: "SIGN_VERIFY", KeySpec: kind.spec });
      expect(metadata?.SigningAlgorithms).toContain(kind.algorithm);
      await expectError(suite.dataKey(key.arn), "InvalidKeyUsageException");
      await expectError(sign(suite.key.arn, kind), "InvalidKeyUsageException");
      const unfit = { ...kind, algorithm: "ECDSA_SHA_384" } as const;
      await expectError(sign(key.arn, unfit), "InvalidKeyUsageException");
      const short = new SignCommand({
        KeyId: key.arn,
        Message: digest.subarray(1),
        MessageType: "DIGEST",
        SigningAlgorithm: kind.algorithm,
      });
      await expectError(suite.kms.send(short), "ValidationException");
      const rotations = new ListKeyRotationsCommand({ KeyId: key.arn });
      await expectError(suite.kms.send(rotations), "UnsupportedOperationException");
      await suite.kms.send(new DisableKeyCommand({ KeyId: key.id }));
      await expectError(sign(key.arn, kind), "DisabledException");
    });
  });

  describe("a signing key", () => {
    itCan(target, "kms.signing", "is no encrypting one, and an encrypting one has no public key", async () => {
      const wrongUsage = suite.createKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "ENCRYPT_DECRYPT" });
      await expectError(wrongUsage, "ValidationException");
      const publicKey = suite.kms.send(new GetPublicKeyCommand({ KeyId: suite.key.arn }));
      await expectError(publicKey, "UnsupportedOperationException");
    });

    // AWS takes up to an hour to tell.
    if (!target.real && target.lacks["kms.last-usage"] === undefined) {
      itCan(target, "kms.signing", "tells its last signature, dry runs left aside", async () => {
        const KeyId = (await createSigner(ecdsa)).arn;
        const lastOf = async () => (await suite.kms.send(new GetKeyLastUsageCommand({ KeyId }))).KeyLastUsage;
        const request = { KeyId, Message: message, SigningAlgorithm: ecdsa.algorithm };
        await expectError(suite.kms.send(new SignCommand({ ...request, DryRun: true })), "DryRunOperationException");
        expect(await lastOf()).toEqual({});
        const signature = await sign(KeyId, ecdsa);
        expect(await lastOf()).toMatchObject({ Operation: "Sign" });
        await expectError(verify(KeyId, ecdsa, signature, Buffer.from("x")), "KMSInvalidSignatureException");
        expect(await lastOf()).toMatchObject({ Operation: "Sign" });
        await verify(KeyId, ecdsa, signature);
        expect(await lastOf()).toMatchObject({ Operation: "Verify" });
      });
    }
  });

  describe("MACs", () => {
    const mac = async (KeyId: string, Message: Uint8Array = message) =>
      defined((await suite.kms.send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm: "HMAC_SHA_256" }))).Mac);
    const check = (KeyId: string, Mac: Uint8Array, Message: Uint8Array = message) =>
      suite.kms.send(new VerifyMacCommand({ KeyId, Message, Mac, MacAlgorithm: "HMAC_SHA_256" }));
    const createHmacKey = () => suite.createKey({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });

    itCan(target, "kms.macs", "fit their message and key, and nothing else", async () => {
      const [key, other] = [await createHmacKey(), await createHmacKey()];
      const made = await mac(key.arn);
      expect(made).toHaveLength(32);
      expect(await mac(key.arn)).toEqual(made);
      expect(await check(key.arn, made)).toMatchObject({
        KeyId: key.arn,
        MacValid: true,
        MacAlgorithm: "HMAC_SHA_256",
      });
      await expectError(check(key.arn, made.subarray(1)), "KMSInvalidMacException");
      await expectError(check(key.arn, made, Buffer.from("other")), "KMSInvalidMacException");
      await expectError(check(other.arn, made), "KMSInvalidMacException");
    });

    itCan(target, "kms.macs", "need a key and an algorithm that fit", async () => {
      const key = await createHmacKey();
      await expectError(mac(suite.key.arn), "InvalidKeyUsageException");
      const longer = new GenerateMacCommand({ KeyId: key.arn, Message: message, MacAlgorithm: "HMAC_SHA_512" });
      await expectError(suite.kms.send(longer), "InvalidKeyUsageException");
      await expectError(mac(key.arn, Buffer.alloc(4097)), "ValidationException");
      await suite.kms.send(new DisableKeyCommand({ KeyId: key.id }));
      await expectError(mac(key.arn), "DisabledException");
    });
  });
}
