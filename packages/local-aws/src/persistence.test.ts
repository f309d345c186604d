import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DescribeTableCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateAliasCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  GenerateDataKeyCommand,
  GetKeyLastUsageCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
} from "@aws-sdk/client-kms";
import { CreateQueueCommand, GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { LocalAwsError } from "./errors.ts";
import { startLocalAws } from "./start-local-aws.ts";
import { REGION, REPLICA, startForTest } from "./testing/local-clients.ts";

async function dataFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "dekhand-local-aws-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

describe("a data folder", () => {
  it("keeps keys with all their material, aliases and states", async () => {
    await using folder = await dataFolder();
    let arn = "";
    let blobs: Uint8Array[] = [];
    {
      await using local = await startForTest({ dataDir: folder.path });
      arn = await local.createKey({ MultiRegion: true, Description: "kept" });
      await local.kms().send(new ReplicateKeyCommand({ KeyId: arn, ReplicaRegion: REPLICA }));
      const old = await local.dataKey(arn);
      await local.kms().send(new RotateKeyOnDemandCommand({ KeyId: arn }));
      await local.kms().send(new CreateAliasCommand({ AliasName: "alias/kept", TargetKeyId: arn }));
      blobs = [old, await local.dataKey("alias/kept")];
      await local.kms(REPLICA).send(new DisableKeyCommand({ KeyId: arn.replace(REGION, REPLICA) }));
    }
    await using again = await startForTest({ dataDir: folder.path });
    for (const CiphertextBlob of blobs) {
      const opened = await again.kms().send(new DecryptCommand({ CiphertextBlob, KeyId: "alias/kept" }));
      expect(opened.Plaintext).toHaveLength(32);
    }
    const replica = await again.kms(REPLICA).send(new DescribeKeyCommand({ KeyId: arn.replace(REGION, REPLICA) }));
    expect(replica.KeyMetadata).toMatchObject({ KeyState: "Disabled", MultiRegion: true });
    const used = await again.kms().send(new GetKeyLastUsageCommand({ KeyId: arn }));
    expect(used.KeyLastUsage?.Operation).toBe("Decrypt");
  });

  it("has a key in it before CreateKey answers, for the owner's eyes only", async () => {
    await using folder = await dataFolder();
    await using local = await startForTest({ dataDir: folder.path });
    const arn = await local.createKey();
    const path = join(folder.path, "kms.json");
    expect(await readFile(path, "utf8")).toContain(arn.slice(arn.lastIndexOf("/") + 1));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(folder.path)).mode & 0o777).toBe(0o700);
  });

  it("loses no key when many are created at once", async () => {
    await using folder = await dataFolder();
    let arns: string[] = [];
    {
      await using local = await startForTest({ dataDir: folder.path });
      arns = await Promise.all(Array.from({ length: 20 }, () => local.createKey()));
    }
    await using again = await startForTest({ dataDir: folder.path });
    const states = await Promise.all(arns.map((KeyId) => again.kms().send(new DescribeKeyCommand({ KeyId }))));
    expect(states.every(({ KeyMetadata: metadata }) => metadata?.KeyState === "Enabled")).toBe(true);
  });

  it("keeps tables, each Region its own", async () => {
    await using folder = await dataFolder();
    const TableName = "kept";
    const key = { id: { S: "one" } };
    {
      await using local = await startForTest({ dataDir: folder.path });
      for (const region of [REGION, REPLICA]) {
        const client = local.dynamodb(region);
        await client.send(
          new CreateTableCommand({
            TableName,
            BillingMode: "PAY_PER_REQUEST",
            AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
            KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
          }),
        );
        const status = async () => (await client.send(new DescribeTableCommand({ TableName }))).Table?.TableStatus;
        await expect.poll(status).toBe("ACTIVE");
        await client.send(new PutItemCommand({ TableName, Item: { ...key, region: { S: region } } }));
      }
    }
    await using again = await startForTest({ dataDir: folder.path });
    for (const region of [REGION, REPLICA]) {
      const { Item: item } = await again.dynamodb(region).send(new GetItemCommand({ TableName, Key: key }));
      expect(item?.region?.S).toBe(region);
    }
  });

  it("has no table half made in it, however soon it is closed", async () => {
    await using folder = await dataFolder();
    {
      await using local = await startForTest({ dataDir: folder.path });
      await local.dynamodb().send(
        new CreateTableCommand({
          TableName: "soon",
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        }),
      );
    }
    await using again = await startForTest({ dataDir: folder.path });
    const { Table: table } = await again.dynamodb().send(new DescribeTableCommand({ TableName: "soon" }));
    expect(table?.TableStatus).toBe("ACTIVE");
  });

  it("keeps queues and their messages", async () => {
    await using folder = await dataFolder();
    {
      await using local = await startForTest({ dataDir: folder.path });
      const sqs = local.sqs();
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "kept" }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "a message" }));
    }
    await using again = await startForTest({ dataDir: folder.path });
    const sqs = again.sqs();
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: "kept" }));
    const { Messages: messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(messages).toMatchObject([{ Body: "a message" }]);
  });

  it("has a message in it soon after it was sent, should the process be killed", async () => {
    await using folder = await dataFolder();
    await using local = await startForTest({ dataDir: folder.path });
    const { QueueUrl } = await local.sqs().send(new CreateQueueCommand({ QueueName: "kept" }));
    await local.sqs().send(new SendMessageCommand({ QueueUrl, MessageBody: "canary-message" }));
    const path = join(folder.path, REGION, "sqs.json");
    await expect.poll(() => readFile(path, "utf8").catch(() => ""), { timeout: 10_000 }).toContain("canary-message");
  });

  it("belongs to one process at a time", async () => {
    await using folder = await dataFolder();
    await using _local = await startForTest({ dataDir: folder.path });
    const second = startLocalAws({ regions: [REGION], dataDir: folder.path });
    await expect(second).rejects.toMatchObject({ code: "LOCAL_AWS_DATA_DIR_IN_USE" });
  });

  it("is refused when it is damaged, rather than begun anew", async () => {
    await using folder = await dataFolder();
    for (const text of [
      "{",
      "[]",
      '{"version":9}',
      '{"version":1,"accountId":"000000000000","families":[{}],"aliases":[]}',
    ]) {
      await writeFile(join(folder.path, "kms.json"), text);
      const start = startLocalAws({ regions: [REGION], dataDir: folder.path });
      await expect(start).rejects.toMatchObject({ code: "LOCAL_AWS_STATE_UNREADABLE" });
      await expect(start).rejects.toBeInstanceOf(LocalAwsError);
    }
  });

  it("is not needed: without one nothing is kept", async () => {
    let arn = "";
    {
      await using local = await startForTest();
      arn = await local.createKey();
    }
    await using again = await startForTest();
    const command = new GenerateDataKeyCommand({ KeyId: arn, KeySpec: "AES_256" });
    expect(await again.errorOf(again.kms().send(command))).toBe("NotFoundException");
  });
});
