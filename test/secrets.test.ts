import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DecryptCommand } from "@aws-sdk/client-kms";
import { embeddedCredentials } from "@dekhand/cli";
import { assembleControl } from "@dekhand/control";
import type { EncryptJobInput } from "@dekhand/jobs";
import { createHealth, createLogger, createMetrics } from "@dekhand/runtime";
import { eventually, type SpawnedScript } from "@dekhand/testing";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goodFields } from "./stack/bad-jobs.ts";
import { ingest } from "./stack/ingest.ts";
import { listRejected, openBullQueue } from "./stack/raw-queues.ts";
import { plainProfile, region, type Stack, startStack, tenantProfile } from "./stack/start-stack.ts";
import { tablesOf } from "./stack/tables.ts";

/**
 * After a run with canaries as payloads, in every way that a payload can take
 * and with jobs that fail, no store and no output has a canary or a key.
 */

const placeNames = [
  "Redis while a worker holds a job in the clear",
  "Redis afterwards",
  "DynamoDB items",
  "logs of the encryptor in this process",
  "logs of the encryptor process",
  "logs of the control service",
  "metrics of the encryptor in this process",
  "metrics of the encryptor process",
  "metrics of the control service",
] as const;

let stack: Stack;
let control: ReturnType<typeof startControl>;
/** Where plaintext must never be, each with its whole content. */
let places: Readonly<Record<(typeof placeNames)[number], Buffer>>;
const canaries: Buffer[] = [];
let deks: Buffer[];
let transitKeys: Buffer[];

beforeAll(async () => {
  stack = await startStack();
  control = startControl();
  await control.service.start();
  const redis = new Redis(stack.embedded.redisUrl);

  // The encryptor process is alone with its jobs, so that all of them go through it.
  const child = await stack.spawnEncryptor({ DEKHAND_LOG_LEVEL: "trace" });
  const during = await dumpWithJobInWork(redis);
  await ingest(stack, [
    { recordId: "child-sqs", profile: tenantProfile, context: { tenant: "acme" }, payload: canary() },
    { recordId: "child-big", profile: plainProfile, payload: bigCanary() },
  ]);
  const childMetrics = await metricsOf(child);
  child.kill("SIGTERM");
  expect(await child.exited).toMatchObject({ code: 0 });

  const { metrics } = await stack.startEncryptor();
  const context = { tenant: "acme" };
  const payload = canary();
  await ingest(stack, [
    { recordId: "sqs", profile: tenantProfile, context, payload: canary() },
    { recordId: "big", profile: plainProfile, payload: bigCanary() },
  ]);
  await ingest(stack, [{ recordId: "bullmq", profile: tenantProfile, context, payload }], { via: "bullmq" });
  await submitBadJobs();
  expect((await stack.client.read("bullmq", context)).payload.equals(payload)).toBe(true);
  await expect(stack.client.read("sqs", { tenant: "dunes" })).rejects.toThrow();

  const tables = tablesOf(stack);
  const items = await Promise.all((["deks", "records", "state"] as const).map((table) => tables.scan(table)));
  places = {
    "Redis while a worker holds a job in the clear": during,
    "Redis afterwards": await dump(redis),
    "DynamoDB items": Buffer.concat(items.flat().flatMap(bytesOf)),
    "logs of the encryptor in this process": Buffer.from(stack.logs()),
    "logs of the encryptor process": Buffer.from(child.stdout() + child.stderr()),
    "logs of the control service": Buffer.from(control.logs()),
    "metrics of the encryptor in this process": Buffer.from(await metrics.render()),
    "metrics of the encryptor process": childMetrics,
    "metrics of the control service": await getMetrics(control.service.url()),
  };
  redis.disconnect();
  deks = await unwrapEveryDek();
  transitKeys = await unwrapEveryTransitKey();
}, 150_000);
afterAll(async () => {
  await control?.service.drain({ ms: 2_000 });
  await stack?.[Symbol.asyncDispose]();
});

describe("no plaintext and no key", () => {
  it("the search itself works: it finds what is not secret, and knows every secret", () => {
    const found = (place: (typeof placeNames)[number], text: string) =>
      expect(places[place].toString()).toContain(text);
    found("Redis while a worker holds a job in the clear", '"sealed"');
    found("Redis while a worker holds a job in the clear", "child-bullmq");
    found("DynamoDB items", "bullmq");
    found("logs of the encryptor in this process", "taking encrypt jobs");
    found("logs of the encryptor process", "stopping");
    found("logs of the control service", "health and metrics are served");
    found("metrics of the encryptor in this process", "dekhand_jobs_outcomes_total{");
    found("metrics of the encryptor process", "dekhand_jobs_outcomes_total{");
    found("metrics of the control service", "dekhand_queue_messages{");
    expect(canaries).toHaveLength(9);
    // In the one process three scopes, in the other two.
    expect(deks.length).toBeGreaterThanOrEqual(5);
    expect(transitKeys.map(({ length }) => length)).toEqual([32]);
  });

  for (const place of placeNames) {
    it(`is in the ${place}, raw, in hex or in base64`, () => {
      for (const secret of [...canaries, ...deks, ...transitKeys]) {
        for (const form of formsOf(secret)) expect(places[place].includes(form)).toBe(false);
      }
    });
  }
});

/**
 * Redis's dump while a BullMQ job is in work: its payload is open in the
 * encryptor's memory, and KMS gives no DEK for it until the dump has been taken.
 */
async function dumpWithJobInWork(redis: Redis): Promise<Buffer> {
  const faults = stack.aws.control;
  faults.injectErrors(region, { service: "kms", operation: "GenerateDataKey", drop: true });
  const record = { recordId: "child-bullmq", profile: tenantProfile, context: { tenant: "waits" }, payload: canary() };
  const stored = ingest(stack, [record], { via: "bullmq" });
  // The only job there is, and its DEK is asked for after its payload was opened.
  await eventually(() => (faults.callCounts()[region]?.kms.GenerateDataKey?.calls ?? 0) > 0);
  const content = await dump(redis);
  expect(await stack.stores.records.get(record.recordId)).toBeUndefined();
  faults.clearFaults(region);
  await stored;
  return content;
}

/** Jobs that end badly: for a record that exists already, over both queues, and one that is plain in Redis. */
async function submitBadJobs(): Promise<void> {
  const other: EncryptJobInput = { recordId: "sqs", profile: plainProfile, payload: canary() };
  await stack.client.submit(other);
  await stack.client.submit({ ...other, payload: canary() }, { via: "bullmq" });
  const queue = openBullQueue(stack);
  const plain = { ...goodFields(), payload: canary().toString("base64") };
  await queue.add("encrypt", plain, { removeOnComplete: true, removeOnFail: true });
  await queue.close();
  await eventually(
    async () => {
      const { rejected, quarantine } = await listRejected(stack);
      expect(new Set(rejected.map(({ source }) => source))).toEqual(new Set(["sqs", "bullmq"]));
      expect(quarantine.map(({ code }) => code)).toContain("JOBS_PAYLOAD_PLAIN_OVER_REDIS");
    },
    { timeoutMs: 40_000 },
  );
}

/** A control service in this process, with its log. */
function startControl() {
  const lines: string[] = [];
  const service = assembleControl({
    config: stack.config,
    credentials: embeddedCredentials,
    logger: createLogger({
      service: "control",
      level: "trace",
      destination: { write: (line: string) => void lines.push(line) },
    }),
    metrics: createMetrics({ service: "control" }),
    health: createHealth(),
    host: "127.0.0.1",
    port: 0,
    everyMs: 50,
  });
  return { service, logs: () => lines.join("") };
}

async function getMetrics(url: string | undefined): Promise<Buffer> {
  const response = await fetch(`${url}/metrics`);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

/** A process tells its port in its log. */
async function metricsOf(process: SpawnedScript): Promise<Buffer> {
  const line = await process.waitForLine(/"msg":"health and metrics are served"/);
  return getMetrics(JSON.parse(line).url);
}

function canary(): Buffer {
  const made = Buffer.from(`canary-${randomBytes(12).toString("hex")}`);
  canaries.push(Buffer.from(made));
  return made;
}

/** One in front of a payload of several parts. */
function bigCanary(): Buffer {
  return Buffer.concat([canary(), randomBytes(500_000)]);
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
  const unwrapped: Buffer[] = [];
  for (const item of await tablesOf(stack).scan("deks")) {
    if (!item.item?.S?.startsWith("wrap#")) continue;
    const context = Object.entries(item.context?.M ?? {}).map(([key, value]) => [key, value.S ?? ""]);
    unwrapped.push(await unwrap(item.keyArn?.S, item.blob?.B, Object.fromEntries(context)));
  }
  return unwrapped;
}

/** The private halves. */
async function unwrapEveryTransitKey(): Promise<Buffer[]> {
  const unwrapped: Buffer[] = [];
  for (const { id, wraps } of await stack.stores.state.listTransitKeys()) {
    for (const { keyArn, blob } of Object.values(wraps))
      unwrapped.push(await unwrap(keyArn, blob, { "dekhand:transit": id }));
  }
  return unwrapped;
}

async function unwrap(
  keyArn: string | undefined,
  blob: Uint8Array | undefined,
  context: Record<string, string>,
): Promise<Buffer> {
  const { kms } = stack.clients.region(region);
  const command = new DecryptCommand({ KeyId: keyArn, CiphertextBlob: blob, EncryptionContext: context });
  return Buffer.from((await kms.send(command)).Plaintext ?? []);
}
