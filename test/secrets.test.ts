import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DecryptCommand } from "@aws-sdk/client-kms";
import { eventually } from "@dekhand/testing";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ingest } from "./stack/ingest.ts";
import { plainProfile, region, type Stack, startStack, tenantProfile } from "./stack/start-stack.ts";
import { tablesOf } from "./stack/tables.ts";

/**
 * After a run with canaries as payloads, in every way that a payload can take
 * and with jobs that fail, no store and no output has a canary or a DEK.
 */

let stack: Stack;
/** Where plaintext must never be, each with its whole content. */
let places: Record<string, Buffer>;
let canaries: Buffer[];
let keys: Buffer[];

beforeAll(async () => {
  stack = await startStack();
  const [first, second, third, fourth, fifth] = [canary(), canary(), canary(), canary(), canary()];
  canaries = [first, second, third, fourth, fifth];
  const { metrics } = await stack.startEncryptor();
  const child = await stack.spawnEncryptor({ DEKHAND_LOG_LEVEL: "trace" });
  const redis = new Redis(stack.embedded.redisUrl);
  // BullMQ jobs stay in Redis while KMS is slow, so that the snapshot sees them.
  stack.aws.control.setLatency(region, 300, { service: "kms" });
  const tenant = { tenant: "acme" };
  const done = Promise.all([
    ingest(stack, [
      { recordId: "sqs", profile: tenantProfile, context: tenant, payload: first },
      { recordId: "big", profile: plainProfile, payload: Buffer.concat([second, randomBytes(500_000)]) },
    ]),
    ingest(stack, [{ recordId: "bullmq", profile: tenantProfile, context: tenant, payload: third }], { via: "bullmq" }),
  ]);
  const during = await eventually(async () => {
    const content = await dump(redis);
    return content.includes('"sealed"') && content;
  });
  await done;
  stack.aws.control.clearFaults();

  // Jobs that end badly: a record that exists already, over both queues, and a plain job over Redis.
  await stack.client.submit({ recordId: "sqs", profile: plainProfile, payload: fourth });
  await stack.client.submit({ recordId: "sqs", profile: plainProfile, payload: fifth }, { via: "bullmq" });
  await eventually(async () => {
    const { stdout } = await stack.dekhand("jobs", "rejected", "list", "--json");
    return /"source": "sqs"[\s\S]*"source": "bullmq"/.test(stdout);
  });
  const read = await stack.client.read("bullmq", tenant);
  expect(read.payload.equals(third)).toBe(true);
  await stack.client.read("sqs", { tenant: "dunes" }).catch(() => undefined);

  const tables = tablesOf(stack);
  const items = await Promise.all((["deks", "records", "state"] as const).map((table) => tables.scan(table)));
  places = {
    "Redis while jobs wait": during,
    "Redis afterwards": await dump(redis),
    "DynamoDB items": Buffer.concat(items.flat().flatMap(bytesOf)),
    "logs of this process": Buffer.from(stack.logs()),
    "logs of the child process": Buffer.from(child.stdout() + child.stderr()),
    metrics: Buffer.from(await metrics.render()),
  };
  redis.disconnect();
  keys = await unwrapEveryDek();
}, 150_000);
afterAll(() => stack[Symbol.asyncDispose]());

describe("no plaintext and no key", () => {
  it("the search itself works: it finds ids, which are not secret", () => {
    expect(places["DynamoDB items"]?.includes("bullmq")).toBe(true);
    expect(places["Redis while jobs wait"]?.includes('"sealed"')).toBe(true);
    expect(places["logs of the child process"]?.includes("encryptor")).toBe(true);
    expect(places.metrics?.includes("dekhand_")).toBe(true);
    expect(keys.length).toBeGreaterThan(1);
  });

  for (const place of [
    "Redis while jobs wait",
    "Redis afterwards",
    "DynamoDB items",
    "logs of this process",
    "logs of the child process",
    "metrics",
  ]) {
    it(`is in ${place}, raw, in hex or in base64`, () => {
      const content = places[place] ?? Buffer.alloc(0);
      for (const secret of [...canaries, ...keys]) {
        for (const form of formsOf(secret)) expect(content.includes(form)).toBe(false);
      }
    });
  }
});

function canary(): Buffer {
  return Buffer.from(`canary-${randomBytes(12).toString("hex")}`);
}

/** Base64 at each of the three alignments that bytes can have inside a longer text. */
function formsOf(secret: Buffer): Buffer[] {
  const aligned = [0, 1, 2].map((skip) => {
    const whole = secret.subarray(skip, skip + Math.floor((secret.length - skip) / 3) * 3);
    return whole.toString("base64");
  });
  const url = aligned.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  const hex = secret.toString("hex");
  return [secret, ...[...aligned, ...url, hex, hex.toUpperCase()].map((text) => Buffer.from(text))];
}

function bytesOf(item: Record<string, unknown>): Buffer[] {
  const found: Buffer[] = [];
  const walk = (value: unknown) => {
    if (value instanceof Uint8Array) found.push(Buffer.from(value));
    else if (typeof value === "string") found.push(Buffer.from(value));
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(walk);
  };
  walk(item);
  return found;
}

/** Redis's own dump file, written without compression so that it can be searched. */
async function dump(redis: Redis): Promise<Buffer> {
  await redis.config("SET", "rdbcompression", "no");
  await redis.save();
  const settings = await redis.config("GET", "dir");
  return readFile(join(String(settings[1]), "dump.rdb"));
}

async function unwrapEveryDek(): Promise<Buffer[]> {
  const { kms } = stack.clients.region(region);
  const unwrapped: Buffer[] = [];
  for (const item of await tablesOf(stack).scan("deks")) {
    if (!item.item?.S?.startsWith("wrap#")) continue;
    const context = Object.entries(item.context?.M ?? {}).map(([key, value]) => [key, value.S ?? ""]);
    const command = new DecryptCommand({
      KeyId: item.keyArn?.S,
      CiphertextBlob: item.blob?.B,
      EncryptionContext: Object.fromEntries(context),
    });
    unwrapped.push(Buffer.from((await kms.send(command)).Plaintext ?? []));
  }
  return unwrapped;
}
