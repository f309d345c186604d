import {
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  ReEncryptCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { defined, expectError, type KmsSuite } from "./kms-suite.ts";
import { itCan } from "./target.ts";

export function describeCryptography(suite: KmsSuite): void {
  const { target } = suite;
  const context = { tenant: "acme", purpose: "contract" };

  describe("data keys", () => {
    it("come as 32 bytes and a blob that opens to them", async () => {
      const { blob, plaintext } = await suite.dataKey(suite.key.arn, context);
      expect(plaintext).toHaveLength(32);
      expect((await suite.decrypt(blob, suite.key.arn, context)).plaintext).toEqual(plaintext);
      expect((await suite.decrypt(blob, undefined, context)).plaintext).toEqual(plaintext);
    });

    it("come in the size that was asked for", async () => {
      const KeyId = suite.key.id;
      const odd = await suite.kms.send(new GenerateDataKeyCommand({ KeyId, NumberOfBytes: 77 }));
      const small = await suite.kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_128" }));
      expect(odd.Plaintext).toHaveLength(77);
      expect(small.Plaintext).toHaveLength(16);
    });

    it("need either a size or a spec", async () => {
      const KeyId = suite.key.id;
      await expectError(suite.kms.send(new GenerateDataKeyCommand({ KeyId })), "ValidationException");
      const both = new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", NumberOfBytes: 32 });
      await expectError(suite.kms.send(both), "ValidationException");
      const large = new GenerateDataKeyCommand({ KeyId, NumberOfBytes: 1025 });
      await expectError(suite.kms.send(large), "ValidationException");
    });

    it("can be made without showing the plaintext", async () => {
      const made = await suite.kms.send(
        new GenerateDataKeyWithoutPlaintextCommand({ KeyId: suite.key.id, KeySpec: "AES_256" }),
      );
      expect("Plaintext" in made).toBe(false);
      expect((await suite.decrypt(defined(made.CiphertextBlob))).plaintext).toHaveLength(32);
    });
  });

  describe("Encrypt and Decrypt", () => {
    it("take up to 4,096 bytes, and no byte more", async () => {
      const encrypt = (bytes: number) =>
        suite.kms.send(new EncryptCommand({ KeyId: suite.key.arn, Plaintext: Buffer.alloc(bytes, 7) }));
      const full = await encrypt(4096);
      expect((await suite.decrypt(defined(full.CiphertextBlob))).plaintext).toEqual(new Uint8Array(4096).fill(7));
      await expectError(encrypt(4097), "ValidationException");
    });

    it("never give one plaintext the same blob twice", async () => {
      const command = new EncryptCommand({ KeyId: suite.key.arn, Plaintext: Buffer.from("the same") });
      const [one, two] = [await suite.kms.send(command), await suite.kms.send(command)];
      expect(one.CiphertextBlob).not.toEqual(two.CiphertextBlob);
    });

    it("open only under the very context that was given, in whatever order", async () => {
      const { blob } = await suite.dataKey(suite.key.arn, context);
      const reversed = { purpose: "contract", tenant: "acme" };
      await expect(suite.decrypt(blob, suite.key.arn, reversed)).resolves.toBeDefined();
      const others = [
        undefined,
        {},
        { tenant: "acme" },
        { ...context, more: "x" },
        { ...context, tenant: "Acme" },
        { ...context, tenant: "acme " },
        { Tenant: "acme", purpose: "contract" },
        { tenant: "contract", purpose: "acme" },
      ];
      for (const other of others) {
        await expectError(suite.decrypt(blob, suite.key.arn, other), "InvalidCiphertextException");
      }
    });

    itCan(target, "kms.prototype-context-keys", "bind context keys like __proto__ as any other", async () => {
      const strange = { ...context, ["__proto__"]: "a", constructor: "b", "ключ 🔑": "значение" };
      const { blob } = await suite.dataKey(suite.key.arn, strange);
      await expect(suite.decrypt(blob, suite.key.arn, strange)).resolves.toBeDefined();
      await expectError(suite.decrypt(blob, suite.key.arn, context), "InvalidCiphertextException");
      const changed = { ...strange, ["__proto__"]: "z" };
      await expectError(suite.decrypt(blob, suite.key.arn, changed), "InvalidCiphertextException");
    });

    it("refuse a blob that was changed anywhere, cut or made up", async () => {
      const { blob } = await suite.dataKey(suite.key.arn);
      const step = target.real ? 16 : 1;
      for (let at = 0; at < blob.length; at += step) {
        const changed = Uint8Array.from(blob, (byte, index) => (index === at ? byte ^ 1 : byte));
        await expectError(suite.decrypt(changed), "InvalidCiphertextException", "AccessDeniedException");
      }
      await expectError(suite.decrypt(blob.subarray(0, -1)), "InvalidCiphertextException");
      await expectError(suite.decrypt(Buffer.from("no ciphertext")), "InvalidCiphertextException");
      await expectError(suite.decrypt(Buffer.alloc(6145)), "ValidationException");
    });

    it("refuse a key that did not make the blob", async () => {
      const other = await suite.createKey();
      const { blob } = await suite.dataKey(suite.key.arn);
      await expectError(suite.decrypt(blob, other.arn), "IncorrectKeyException");
    });

    it("answer a key that does not exist with NotFoundException", async () => {
      const absent = "00000000-0000-4000-8000-000000000000";
      await expectError(suite.dataKey(absent), "NotFoundException");
      await expectError(suite.dataKey(suite.key.arn.replace(suite.key.id, absent)), "NotFoundException");
      await expectError(suite.dataKey("alias/dekhand-contract-absent"), "NotFoundException");
    });

    itCan(target, "kms.hmac-keys", "refuse a key that is made for something else", async () => {
      const hmac = await suite.createKey({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
      await expectError(suite.dataKey(hmac.arn), "InvalidKeyUsageException");
    });
  });

  describe("ReEncrypt", () => {
    it("moves a blob to another key and another context", async () => {
      const other = await suite.createKey();
      const { blob, plaintext } = await suite.dataKey(suite.key.arn, context);
      const moved = await suite.kms.send(
        new ReEncryptCommand({
          CiphertextBlob: blob,
          SourceKeyId: suite.key.arn,
          SourceEncryptionContext: context,
          DestinationKeyId: other.arn,
          DestinationEncryptionContext: { moved: "yes" },
        }),
      );
      expect(moved).toMatchObject({ SourceKeyId: suite.key.arn, KeyId: other.arn });
      const opened = await suite.decrypt(defined(moved.CiphertextBlob), other.arn, { moved: "yes" });
      expect(opened.plaintext).toEqual(plaintext);
      await expectError(suite.decrypt(defined(moved.CiphertextBlob), suite.key.arn, context), "IncorrectKeyException");
    });

    it("refuses a source key or a source context that is not the blob's", async () => {
      const other = await suite.createKey();
      const { blob } = await suite.dataKey(suite.key.arn, context);
      const wrap = { CiphertextBlob: blob, DestinationKeyId: other.arn };
      const wrongKey = new ReEncryptCommand({ ...wrap, SourceKeyId: other.arn, SourceEncryptionContext: context });
      const wrongContext = new ReEncryptCommand({ ...wrap, SourceKeyId: suite.key.arn, SourceEncryptionContext: {} });
      await expectError(suite.kms.send(wrongKey), "IncorrectKeyException");
      await expectError(suite.kms.send(wrongContext), "InvalidCiphertextException");
    });
  });

  describe("key material ids", () => {
    itCan(target, "kms.key-material-id", "are told by all but Encrypt", async () => {
      const { blob, material } = await suite.dataKey(suite.key.arn);
      expect(material).toMatch(/^[0-9a-f]{64}$/);
      expect(material).toBe(suite.key.material);
      expect((await suite.decrypt(blob)).material).toBe(material);
      const again = await suite.kms.send(
        new ReEncryptCommand({ CiphertextBlob: blob, SourceKeyId: suite.key.arn, DestinationKeyId: suite.key.arn }),
      );
      expect(again).toMatchObject({ SourceKeyMaterialId: material, DestinationKeyMaterialId: material });
      const encrypted = await suite.kms.send(new EncryptCommand({ KeyId: suite.key.arn, Plaintext: Buffer.from("x") }));
      expect("KeyMaterialId" in encrypted).toBe(false);
    });
  });
}
