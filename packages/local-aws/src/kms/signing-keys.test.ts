import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CreateKeyCommand,
  GenerateMacCommand,
  ReplicateKeyCommand,
  SignCommand,
  VerifyCommand,
  VerifyMacCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { startLocalAws } from "../start-local-aws.ts";
import { REGION, REPLICA, startForTest } from "../testing/local-clients.ts";

const Message = Buffer.from("what was found");
const kinds = [
  { KeySpec: "ECC_NIST_P256", SigningAlgorithm: "ECDSA_SHA_256" },
  { KeySpec: "RSA_2048", SigningAlgorithm: "RSASSA_PSS_SHA_256" },
] as const;

async function dataFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "dekhand-signing-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

describe("keys that sign", () => {
  it.each(kinds)("of spec $KeySpec are kept in the data folder, and know their signatures again", async (kind) => {
    await using folder = await dataFolder();
    const { KeySpec, SigningAlgorithm } = kind;
    let KeyId = "";
    let Signature: Uint8Array | undefined;
    {
      await using local = await startForTest({ dataDir: folder.path });
      KeyId = await local.createKey({ KeySpec, KeyUsage: "SIGN_VERIFY" });
      ({ Signature } = await local.kms().send(new SignCommand({ KeyId, Message, SigningAlgorithm })));
    }
    await using again = await startForTest({ dataDir: folder.path });
    const verified = await again.kms().send(new VerifyCommand({ KeyId, Message, Signature, SigningAlgorithm }));
    expect(verified.SignatureValid).toBe(true);
  });

  it("are refused where their material is another kind's", async () => {
    await using folder = await dataFolder();
    {
      await using local = await startForTest({ dataDir: folder.path });
      await local.createKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
    }
    const path = join(folder.path, "kms.json");
    await writeFile(path, (await readFile(path, "utf8")).replace("ECC_NIST_P256", "RSA_2048"));
    const start = startLocalAws({ regions: [REGION], dataDir: folder.path });
    await expect(start).rejects.toMatchObject({ code: "LOCAL_AWS_STATE_UNREADABLE" });
  });

  it("sign in one Region what verifies in another, where they are related", async () => {
    await using local = await startForTest();
    const KeyId = await local.createKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY", MultiRegion: true });
    await local.kms().send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: REPLICA }));
    const SigningAlgorithm = "ECDSA_SHA_256";
    const { Signature } = await local.kms().send(new SignCommand({ KeyId, Message, SigningAlgorithm }));
    const command = new VerifyCommand({
      KeyId: KeyId.replace(REGION, REPLICA),
      Message,
      Signature,
      SigningAlgorithm,
    });
    expect((await local.kms(REPLICA).send(command)).SignatureValid).toBe(true);
  });

  it("say what is not emulated: other uses and other algorithms", async () => {
    await using local = await startForTest();
    const create = (KeySpec: "RSA_2048" | "ECC_NIST_P256", KeyUsage: "ENCRYPT_DECRYPT" | "KEY_AGREEMENT") =>
      local.errorOf(local.kms().send(new CreateKeyCommand({ KeySpec, KeyUsage })));
    expect(await create("RSA_2048", "ENCRYPT_DECRYPT")).toBe("UnsupportedOperationException");
    expect(await create("ECC_NIST_P256", "KEY_AGREEMENT")).toBe("UnsupportedOperationException");
    expect(await create("RSA_2048", "KEY_AGREEMENT")).toBe("ValidationException");
    const KeyId = await local.createKey({ KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" });
    const other = new SignCommand({ KeyId, Message, SigningAlgorithm: "RSASSA_PSS_SHA_512" });
    expect(await local.errorOf(local.kms().send(other))).toBe("UnsupportedOperationException");
  });

  it("never take a malformed signature for one of theirs", async () => {
    await using local = await startForTest();
    const malformed = {
      ECC_NIST_P256: [
        "30",
        "3000",
        "3006020100020100",
        "3006020101020101ff",
        "30080202ff0102020001",
        `30ff${"00".repeat(255)}`,
      ],
      RSA_2048: ["00", "ff".repeat(256), "00".repeat(256), "01".repeat(255)],
    };
    for (const { KeySpec, SigningAlgorithm } of kinds) {
      const KeyId = await local.createKey({ KeySpec, KeyUsage: "SIGN_VERIFY" });
      for (const hex of malformed[KeySpec]) {
        const Signature = Buffer.from(hex, "hex");
        const verify = local.kms().send(new VerifyCommand({ KeyId, Message, Signature, SigningAlgorithm }));
        expect(await local.errorOf(verify), hex).toBe("KMSInvalidSignatureException");
      }
    }
  });
});

describe("keys of MACs", () => {
  it("are kept in the data folder", async () => {
    await using folder = await dataFolder();
    const MacAlgorithm = "HMAC_SHA_256";
    let KeyId = "";
    let Mac: Uint8Array | undefined;
    {
      await using local = await startForTest({ dataDir: folder.path });
      KeyId = await local.createKey({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
      ({ Mac } = await local.kms().send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm })));
    }
    await using again = await startForTest({ dataDir: folder.path });
    expect((await again.kms().send(new VerifyMacCommand({ KeyId, Message, Mac, MacAlgorithm }))).MacValid).toBe(true);
  });
});
