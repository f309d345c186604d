/** What the contract suite leaves out: mostly what only this emulator can promise. */
import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  ReplicateKeyCommand,
  UpdateAliasCommand,
} from "@aws-sdk/client-kms";
import { describe, expect, it } from "vitest";
import { REGION, REPLICA, type StartedForTest, startForTest } from "../testing/local-clients.ts";

const describeIn = (local: StartedForTest, KeyId: string, region = REGION) =>
  local.errorOf(local.kms(region).send(new DescribeKeyCommand({ KeyId })));

describe("names of keys", () => {
  it("are refused with the error that KMS has for each", async () => {
    await using local = await startForTest();
    const arn = await local.createKey();
    const id = arn.slice(arn.lastIndexOf("/") + 1);
    expect(await describeIn(local, arn, REPLICA)).toBe("NotFoundException");
    expect(await describeIn(local, id, REPLICA)).toBe("NotFoundException");
    expect(await describeIn(local, arn.replace("000000000000", "111122223333"))).toBe("AccessDeniedException");
    expect(await describeIn(local, "arn:aws:kms:nonsense")).toBe("InvalidArnException");
    expect(await describeIn(local, arn.replace(":kms:", ":sqs:"))).toBe("InvalidArnException");
    expect(await describeIn(local, id.toUpperCase())).toBe("NotFoundException");
    const encrypt = new EncryptCommand({ KeyId: "arn:aws:kms:nonsense", Plaintext: Buffer.from("x") });
    expect(await local.errorOf(local.kms().send(encrypt))).toBe("NotFoundException");
  });

  it("do not turn a key ARN into an alias", async () => {
    await using local = await startForTest();
    const arn = await local.createKey();
    await local.kms().send(new CreateAliasCommand({ AliasName: "alias/a", TargetKeyId: arn }));
    expect(await describeIn(local, `${arn.slice(0, arn.lastIndexOf("/"))}/alias/a`)).toBe("InvalidArnException");
  });
});

describe("single-Region ciphertext", () => {
  it("opens in no other Region", async () => {
    await using local = await startForTest();
    const blob = await local.dataKey(await local.createKey());
    const decrypt = new DecryptCommand({ CiphertextBlob: blob });
    expect(await local.errorOf(local.kms(REPLICA).send(decrypt))).toBe("AccessDeniedException");
  });
});

describe("requests", () => {
  it("with grant tokens are refused, for there are no grants", async () => {
    await using local = await startForTest();
    const KeyId = await local.createKey();
    const encrypt = new EncryptCommand({ KeyId, Plaintext: Buffer.from("x"), GrantTokens: ["token"] });
    expect(await local.errorOf(local.kms().send(encrypt))).toBe("InvalidGrantTokenException");
  });

  it("with another algorithm do not fit a symmetric key", async () => {
    await using local = await startForTest();
    const KeyId = await local.createKey();
    const encrypt = new EncryptCommand({
      KeyId,
      Plaintext: Buffer.from("x"),
      EncryptionAlgorithm: "RSAES_OAEP_SHA_256",
    });
    expect(await local.errorOf(local.kms().send(encrypt))).toBe("InvalidKeyUsageException");
  });

  it("leave the ciphertext aside in a dry run only, and then name the key", async () => {
    await using local = await startForTest();
    const KeyId = await local.createKey();
    const modifiers = { DryRunModifiers: ["IGNORE_CIPHERTEXT" as const] };
    const noDryRun = new DecryptCommand({ KeyId, ...modifiers });
    const noKey = new DecryptCommand({ DryRun: true, ...modifiers });
    expect(await local.errorOf(local.kms().send(noDryRun))).toBe("ValidationException");
    expect(await local.errorOf(local.kms().send(noKey))).toBe("ValidationException");
  });

  it("never bind two contexts alike: ill-formed Unicode is refused", async () => {
    await using local = await startForTest();
    const KeyId = await local.createKey();
    const body = JSON.stringify({ KeyId, Plaintext: "eA==", EncryptionContext: { tenant: "\ud800" } });
    const response = await fetch(local.aws.endpoints[REGION] ?? "", {
      method: "POST",
      headers: { "x-amz-target": "TrentService.Encrypt" },
      body,
    });
    expect(await response.text()).toContain("ValidationException");
  });

  it("for what is not emulated say so", async () => {
    await using local = await startForTest();
    const create = (input: CreateKeyCommandInput) => local.errorOf(local.kms().send(new CreateKeyCommand(input)));
    expect(await create({ KeySpec: "RSA_2048" })).toBe("UnsupportedOperationException");
    expect(await create({ Origin: "EXTERNAL" })).toBe("UnsupportedOperationException");
    expect(await create({ KeyUsage: "GENERATE_VERIFY_MAC" })).toBe("ValidationException");
    expect(await create({ Policy: "nonsense" })).toBe("MalformedPolicyDocumentException");
    const primary = await local.createKey({ MultiRegion: true });
    const replicate = new ReplicateKeyCommand({ KeyId: primary, ReplicaRegion: "sa-east-1" });
    expect(await local.errorOf(local.kms().send(replicate))).toBe("ValidationException");
  });

  it("rotate nothing that has no material to rotate", async () => {
    await using local = await startForTest();
    const KeyId = await local.createKey({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
    const enable = local.kms().send(new EnableKeyRotationCommand({ KeyId }));
    expect(await local.errorOf(enable)).toBe("UnsupportedOperationException");
  });
});

describe("aliases", () => {
  it("are at most 50 a key", async () => {
    await using local = await startForTest();
    const TargetKeyId = await local.createKey();
    const create = (name: number) =>
      local.errorOf(local.kms().send(new CreateAliasCommand({ AliasName: `alias/${name}`, TargetKeyId })));
    const outcomes = new Set<string>();
    for (let name = 0; name < 50; name += 1) outcomes.add(await create(name));
    expect([...outcomes]).toEqual(["none"]);
    expect(await create(50)).toBe("LimitExceededException");
  });

  it("stay with keys of one kind", async () => {
    await using local = await startForTest();
    const symmetric = await local.createKey();
    const hmac = await local.createKey({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC" });
    await local.kms().send(new CreateAliasCommand({ AliasName: "alias/kind", TargetKeyId: symmetric }));
    const update = new UpdateAliasCommand({ AliasName: "alias/kind", TargetKeyId: hmac });
    expect(await local.errorOf(local.kms().send(update))).toBe("ValidationException");
  });
});
