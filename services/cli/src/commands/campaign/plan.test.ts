import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { CreateTableCommand, PutItemCommand, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import { EncryptCommand, GenerateDataKeyCommand } from "@aws-sdk/client-kms";
import { createAwsClients, type RegionClients } from "@dekhand/aws";
import { kmsContext } from "@dekhand/deks";
import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { createLogger } from "@dekhand/runtime";
import { createTables, openStores, tableNames } from "@dekhand/store";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { embeddedConfig } from "../../embedded/embedded-config.ts";
import { embeddedCredentials } from "../../embedded/embedded-credentials.ts";
import { ensureKeys } from "../../embedded/ensure-keys.ts";
import { planCommand } from "./plan.ts";

const region = "us-east-1";
const [alias, next] = ["alias/documents", "alias/documents-2"];

describe("dekhand campaign plan", () => {
  let aws: LocalAws;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dekhand-plan-"));
    aws = await startLocalAws({ regions: [region] });
    // The command finds its credentials as the SDK's own chain does.
    const { accessKeyId, secretAccessKey } = embeddedCredentials;
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
    await ensureKeys(aws, region, [alias, next, "alias/customer-pii", "alias/dekhand-transit"]);
    const url = aws.endpoints[region] ?? "";
    await writeFile(join(folder, "dekhand.yaml"), configWithOrders(url));

    const endpoints = { [region]: { kms: url, sqs: url, dynamodb: url } };
    const clients = createAwsClients({ regions: [region], endpoints, credentials: embeddedCredentials });
    await bearDeks(clients.region(region), 12);
    await putOrders(clients.region(region), 5);
    clients.destroy();
  });
  afterAll(async () => {
    await aws.close();
    await rm(folder, { recursive: true, force: true });
  });

  const plan = async (...args: readonly string[]) => {
    const [stdout, stderr] = [collector(), collector()];
    const env = { DEKHAND_CONFIG: join(folder, "dekhand.yaml") };
    const { signal } = new AbortController();
    const command = planCommand({
      env,
      stdin: Readable.from([]),
      stdout: stdout.stream,
      stderr: stderr.stream,
      signal,
    });
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    const error: unknown = await command.parseAsync(args, { from: "user" }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { stdout: stdout.text(), stderr: stderr.text(), error };
  };
  const toNext = ["--kind", "key", "--from", alias, "--to", next];

  it("prints one JSON document with targets, calls, costs, warnings and locks, and progress elsewhere", async () => {
    const { stdout, stderr, error } = await plan(...toNext, "--canary", "2", "--cloudtrail-copies", "2", "--json");
    expect(error).toBeUndefined();
    const made = JSON.parse(stdout);
    expect(made.locks).toHaveLength(2);
    expect(made.targets).toMatchObject([
      { store: "dekhand", wraps: 12, stale: 12, kmsCalls: { rewrap: 12, probes: 14, preflight: 3, dryRunCensus: 0 } },
      { store: "transit", wraps: 0 },
      { store: "orders", wraps: 5, unknown: 5, kmsCalls: { rewrap: 5, probes: 2, preflight: 3, dryRunCensus: 5 } },
    ]);
    expect(made.totals).toMatchObject({ wraps: 17, toRewrap: 17, kmsCalls: { total: 47 } });
    // 36 calls; 17 writes; 12 and 5 KB read twice; 36 events once more than is free.
    expect(made.totals.dollars).toMatchObject({ kms: 0.000141, dynamodbWrites: 0.000011, cloudTrail: 0.00094 });
    expect(made.warnings).toMatchObject([{ code: "STORE_WITHOUT_KEY_LABEL" }]);
    expect(stderr).toBe("census: 17, finished\n");
  });

  it("prints a plan for people, of the stores and Regions that are asked for", async () => {
    const { stdout, error } = await plan(...toNext, "--store", "orders", "--region", region);
    expect(error).toBeUndefined();
    expect(stdout).toContain("Campaign from key to key: 5 wraps to rewrap");
    expect(stdout).not.toMatch(/^ {2}dekhand /m);
  });

  it("leaves out stores of others that do not have the key", async () => {
    const { stdout } = await plan("--kind", "key", "--from", "alias/customer-pii", "--to", next, "--json");
    expect(JSON.parse(stdout).targets.map(({ store }: { store: string }) => store)).not.toContain("orders");
  });

  it("stores nothing, and uses no key", async () => {
    const stored = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"];
    aws.control.resetCounts();
    await plan(...toNext);
    const { kms = {}, dynamodb = {} } = aws.control.callCounts()[region] ?? {};
    expect(Object.keys(dynamodb).filter((name) => stored.includes(name))).toEqual([]);
    expect(Object.keys(kms).sort()).toEqual(["DescribeKey", "ListKeyRotations"]);
  });

  it("says what is wrong with what is asked for", async () => {
    expect((await plan("--kind", "rotation", "--from", alias)).error).toMatchObject({ code: "CAMPAIGN_NOT_ROTATED" });
    const gone = await plan("--kind", "key", "--from", alias, "--to", "alias/gone");
    expect(gone.error).toMatchObject({ code: "CAMPAIGN_KEY_MISSING" });
    expect(gone.stderr).toContain("stopped");
    expect((await plan(...toNext, "--store", "nowhere")).error).toMatchObject({ code: "CAMPAIGN_STORE_UNKNOWN" });
  });
});

/** The embedded configuration, and a table of others that keeps nothing but ids and wraps. */
function configWithOrders(url: string): string {
  const config: unknown = parse(embeddedConfig({ endpoints: { [region]: url }, home: region, prefix: "dekhand" }));
  const dynamodb = {
    table: "orders",
    partition: { name: "id" },
    blob: { attribute: "dek" },
    context: { constants: { app: "orders" } },
  };
  return stringify({ ...Object(config), wrapStores: { orders: { region, keys: [alias, next], dynamodb } } });
}

async function bearDeks({ kms, dynamodb: client }: RegionClients, count: number): Promise<void> {
  await createTables(client, tableNames("dekhand"), { pollMs: 10 });
  const logger = createLogger({ service: "test", level: "silent" });
  const { deks } = openStores({ client, prefix: "dekhand", logger });
  for (let made = 0; made < count; made += 1) {
    const dekId = crypto.randomUUID();
    const context = kmsContext(dekId, "documents", {});
    const answer = await kms.send(
      new GenerateDataKeyCommand({ KeyId: alias, KeySpec: "AES_256", EncryptionContext: context }),
    );
    const createdAt = new Date().toISOString();
    const dek = {
      dekId,
      profile: "documents",
      suite: 1,
      commitment: Buffer.alloc(32),
      context,
      home: region,
      createdAt,
    };
    const [keyArn, blob, material] = [
      answer.KeyId ?? "",
      answer.CiphertextBlob ?? Buffer.alloc(0),
      answer.KeyMaterialId,
    ];
    const label = material === undefined ? {} : { material };
    await deks.insert(dek, { region, keyArn, blob, context, wrappedAt: createdAt, ...label });
  }
}

async function putOrders({ kms, dynamodb }: RegionClients, count: number): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: "orders",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    }),
  );
  await waitUntilTableExists(
    { client: dynamodb, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.05 },
    { TableName: "orders" },
  );
  for (let made = 0; made < count; made += 1) {
    const { CiphertextBlob: dek } = await kms.send(
      new EncryptCommand({ KeyId: alias, Plaintext: Buffer.alloc(32, made), EncryptionContext: { app: "orders" } }),
    );
    const Item = { id: { S: `order-${made}` }, dek: { B: dek ?? Buffer.alloc(0) } };
    await dynamodb.send(new PutItemCommand({ TableName: "orders", Item }));
  }
}

function collector() {
  let text = "";
  const stream = new Writable({
    write(chunk: Buffer, _encoding, written) {
      text += chunk.toString("utf8");
      written();
    },
  });
  return { stream, text: () => text };
}
