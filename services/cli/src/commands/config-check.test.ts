import { mkdtempDisposable, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { CreateKeyCommand, ReplicateKeyCommand } from "@aws-sdk/client-kms";
import { createAwsClients } from "@dekhand/aws";
import { startLocalAws } from "@dekhand/local-aws";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { configCommand } from "./config-check.ts";

const deployment = {
  prefix: "dekhand",
  regions: ["us-east-1"],
  profiles: { pii: { home: "us-east-1", key: "alias/pii" } },
};
const shared = { region: "us-east-1", keys: ["alias/a", "alias/b"] };
const wrapStores = {
  orders: { ...shared, dynamodb: { table: "orders-keys", partition: { name: "id" }, blob: { attribute: "edek" } } },
  documents: { ...shared, postgres: { connection: "DEKHAND_DOCUMENTS_URL", scan: "SELECT", swap: "UPDATE" } },
  legacy: { ...shared, module: "./legacy.ts" },
};

async function check(written: object, ...args: string[]): Promise<string> {
  return (await checkWithWarnings(written, ...args)).shown;
}

async function checkWithWarnings(written: object, ...args: string[]) {
  await using folder = await mkdtempDisposable(join(tmpdir(), "dekhand-test-config-check-"));
  const file = join(folder.path, "dekhand.yaml");
  await writeFile(file, JSON.stringify(written));
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const env = { DEKHAND_CONFIG: file, DEKHAND_DOCUMENTS_URL: "postgres://canary@host" };
  const context = { env, stdin, stdout, stderr, signal: new AbortController().signal };
  await configCommand(context).parseAsync(["check", ...args], { from: "user" });
  stdout.end();
  stderr.end();
  return { shown: (await text(stdout)).replaceAll(folder.path, ""), warnings: await text(stderr) };
}

it("shows where each wrap store of others is, and with which keys; of a database only the variable's name", async () => {
  const shown = await check({ ...deployment, wrapStores });
  expect(shown).toMatch(/^orders +us-east-1 +dynamodb +orders-keys +alias\/a alias\/b$/m);
  expect(shown).toMatch(/^documents +us-east-1 +postgres +DEKHAND_DOCUMENTS_URL +alias/m);
  expect(shown).toMatch(/^legacy +us-east-1 +module +\/legacy\.ts +alias/m);
  const json = await check({ ...deployment, wrapStores }, "--json");
  expect(JSON.parse(json).wrapStores.map(({ name }: { name: string }) => name)).toEqual(Object.keys(wrapStores));
  expect(shown + json).not.toContain("canary");
});

it("says nothing of wrap stores where there are none", async () => {
  const shown = await check(deployment);
  expect(shown).toContain("KMS calls/s");
  expect(shown).not.toContain("wrap store");
});

describe("replica Regions", () => {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  beforeEach(() => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("are shown with their strategies, keys, and what KMS says of the keys", async () => {
    const regions = ["us-east-1", "eu-west-1", "ap-southeast-2"];
    await using aws = await startLocalAws({ regions });
    const endpoints = Object.fromEntries(Object.entries(aws.endpoints).map(([name, url]) => [name, { kms: url }]));
    const clients = createAwsClients({ regions, endpoints, credentials });
    const { kms } = clients.region("us-east-1");
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ MultiRegion: true }));
    const key = KeyMetadata?.KeyId ?? "";
    await kms.send(new ReplicateKeyCommand({ KeyId: key, ReplicaRegion: "eu-west-1" }));
    clients.destroy();

    const strategy = "multi-region";
    const replicas = { "eu-west-1": { key, strategy }, "ap-southeast-2": { key: "alias/none", strategy } };
    const profiles = { pii: { home: "us-east-1", key, replicas } };
    const written = { ...deployment, regions, control: "us-east-1", endpoints: aws.endpoints, profiles };
    const { shown, warnings } = await checkWithWarnings(written);
    expect(shown).toMatch(/^pii +eu-west-1 +multi-region +mrk-\w+ +suitable$/m);
    expect(shown).toMatch(/^pii +ap-southeast-2 +multi-region +alias\/none +unsuitable$/m);
    expect(warnings).toContain("warning: pii in ap-southeast-2: the key alias/none is not there");
    const json = JSON.parse(await check(written, "--json"));
    expect(json.replicas).toMatchObject([
      { profile: "pii", region: "eu-west-1", strategy, verdict: "suitable", problems: [] },
      { region: "ap-southeast-2", verdict: "unsuitable" },
    ]);
    aws.control.resetCounts();
    expect(JSON.parse(await check(written, "--json", "--offline")).replicas).toEqual([]);
    expect(Object.values(aws.control.callCounts()).map((counts) => counts.kms)).toEqual([{}, {}, {}]);
  });
});
