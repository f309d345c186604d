import { type LocalRedis, startRedis } from "@dekhand/local-redis";
import { createLogger } from "@dekhand/runtime";
import { eventually, freePort } from "@dekhand/testing";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { done, gate, recordingHandler } from "../contract/recording-handler.ts";
import { sampleJob, sealedWire } from "../contract/sample-jobs.ts";
import { encodeEncryptJob } from "../contracts/encode-encrypt-job.ts";
import type { JobConsumer } from "../delivery.ts";
import { createTransitFixture } from "../testing/transit-fixture.ts";
import { type BullConsumerOptions, createBullConsumer } from "./bull-consumer.ts";
import { createBullProducer } from "./bull-producer.ts";
import type { QuarantineEntry } from "./quarantine.ts";
import { createBullRejectedJobs } from "./rejected-bull-jobs.ts";

const canary = "canary-4711-payload";
const logger = createLogger({ service: "test", level: "silent" });
const fixture = createTransitFixture();
const keyring = fixture.keyring();
const ends: (() => Promise<unknown>)[] = [];
let server: LocalRedis;
let redis: Redis;
let made = 0;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterEach(async () => {
  await Promise.all(ends.splice(0).map((end) => end()));
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

function fresh() {
  made += 1;
  const settings = { connection: { url: server.url }, queue: `own-${made}`, prefix: "test" };
  const quarantined: QuarantineEntry[] = [];
  const raw = new Queue(settings.queue, { connection: { url: server.url }, prefix: settings.prefix });
  const producer = createBullProducer({ ...settings, transit: fixture.transit });
  const rejected = createBullRejectedJobs({ ...settings, logger });
  ends.push(() => Promise.all([raw.close(), producer.close(), rejected.close()]));
  const consume = (options: Partial<BullConsumerOptions> = {}): JobConsumer => {
    const quarantine = async (entry: QuarantineEntry) => void quarantined.push(entry);
    const consumer = createBullConsumer({ ...settings, transit: keyring, logger, quarantine, ...options });
    ends.unshift(() => consumer.drain({ ms: 300 }));
    return consumer;
  };
  return { ...settings, quarantined, raw, producer, rejected, consume };
}

/** Everything that Redis holds, as text. */
async function dump(): Promise<string> {
  const parts: string[] = [];
  for (const key of await redis.keys("*")) {
    const type = await redis.type(key);
    if (type === "hash") parts.push(JSON.stringify(await redis.hgetall(key)));
    else if (type === "stream") parts.push(JSON.stringify(await redis.xrange(key, "-", "+")));
    else if (type === "string") parts.push(String(await redis.get(key)));
    else if (type === "list") parts.push(JSON.stringify(await redis.lrange(key, 0, -1)));
    else if (type === "zset") parts.push(JSON.stringify(await redis.zrange(key, "0", "-1")));
  }
  return parts.join("\n");
}

describe("starting", () => {
  it("is refused where Redis may drop jobs when its memory is full", async () => {
    await redis.config("SET", "maxmemory-policy", "allkeys-lru");
    const settings = { connection: { url: server.url }, queue: "evicts", prefix: "test" };
    const consumer = createBullConsumer({ ...settings, logger, quarantine: async () => undefined });
    await expect(consumer.start(async () => done)).rejects.toMatchObject({
      code: "JOBS_REDIS_EVICTS",
      context: { policy: "allkeys-lru" },
    });
    await redis.config("SET", "maxmemory-policy", "noeviction");
  });

  it("fails clearly where no Redis answers", async () => {
    const consumer = fresh().consume({ connection: { host: "127.0.0.1", port: 1 } });
    await expect(consumer.start(async () => done)).rejects.toMatchObject({
      code: "JOBS_QUEUE_UNREACHABLE",
      retryable: true,
    });
  });
});

describe("payloads", () => {
  it("never lie in Redis in the clear: the producer seals them", async () => {
    const { producer, raw, consume } = fresh();
    const job = sampleJob({ payload: Buffer.from(canary) });
    await producer.submit([job]);
    expect(await raw.getJobCountByTypes("waiting")).toBe(1);
    const contents = await dump();
    expect(contents).toContain(job.recordId);
    for (const form of [canary, Buffer.from(canary).toString("base64"), Buffer.from(canary).toString("hex")]) {
      expect(contents).not.toContain(form);
    }
    const handler = recordingHandler();
    await consume().start(handler.handle);
    expect((await handler.delivery(1)).job.payload.toString()).toBe(canary);
  });

  it("that got in plain are removed at once, whatever else fails, and leave ids, reason and digest", async () => {
    const { raw, consume, queue } = fresh();
    const plain = JSON.parse(
      encodeEncryptJob(sampleJob({ id: "plain", recordId: "r", payload: Buffer.from(canary) })).body,
    );
    await raw.addBulk([
      { name: "encrypt", data: plain },
      { name: "encrypt", data: { ...plain, id: "odd", version: 7 } },
    ]);
    expect(await dump()).toContain(Buffer.from(canary).toString("base64"));
    const away = gate();
    const entries: QuarantineEntry[] = [];
    const handler = recordingHandler();
    const consumer = consume({
      quarantine: async (entry) => {
        await away.opened;
        entries.push(entry);
      },
    });
    await consumer.start(handler.handle);
    await eventually(async () => !(await dump()).includes(Buffer.from(canary).toString("base64")));
    expect(await raw.getJobCountByTypes("active")).toBe(2);
    away.open();
    await eventually(() => consumer.stats().rejected === 2);
    const digest = expect.stringMatching(/^[0-9a-f]{64}$/);
    const source = { source: "bullmq", queue, digest };
    expect(entries).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ ...source, code: "JOBS_PAYLOAD_PLAIN_OVER_REDIS", jobId: "plain", recordId: "r" }),
        expect.objectContaining({ ...source, code: "JOBS_VERSION_UNKNOWN", jobId: "odd" }),
      ]),
    );
    expect(handler.deliveries).toEqual([]);
    expect(JSON.stringify(entries)).not.toContain(canary);
    await eventually(async () => (await raw.getJobCountByTypes("waiting", "active", "delayed", "failed")) === 0);
  });

  it("that were removed keep their first reason when the worker dies before it is written down", async () => {
    const { raw, consume, quarantined } = fresh();
    const plain = JSON.parse(encodeEncryptJob(sampleJob({ id: "plain" })).body);
    await raw.add("encrypt", plain);
    const dying = consume({ quarantine: () => new Promise(() => undefined), lockMs: 1_000, stalledIntervalMs: 200 });
    await dying.start(async () => done);
    await eventually(async () => (await dump()).includes("scrubbed"));
    await dying.drain({ ms: 200 });
    const consumer = consume({ lockMs: 1_000, stalledIntervalMs: 200 });
    await consumer.start(async () => done);
    await eventually(() => consumer.stats().rejected === 1);
    expect(quarantined).toMatchObject([{ code: "JOBS_PAYLOAD_PLAIN_OVER_REDIS", jobId: "plain" }]);
  });
});

describe("rejecting", () => {
  it("writes the reason down before the job leaves its queue", async () => {
    const { producer, raw, consume } = fresh();
    await producer.submit([sampleJob()]);
    const counts: number[] = [];
    const consumer = consume({
      quarantine: async () => void counts.push(await raw.getJobCountByTypes("active")),
    });
    await consumer.start(async () => ({ kind: "reject", code: "TEST", message: "no" }));
    await eventually(() => consumer.stats().rejected === 1);
    expect(counts).toEqual([1]);
  });

  it("holds the job while the quarantine is away, and tries again", async () => {
    const { producer, raw, consume } = fresh();
    await producer.submit([sampleJob()]);
    let tries = 0;
    const quarantine = async () => {
      tries += 1;
      if (tries < 3) throw new Error("away");
    };
    const consumer = consume({ quarantine });
    const handler = recordingHandler(() => ({ kind: "reject", code: "TEST", message: "no" }));
    await consumer.start(handler.handle);
    await eventually(() => consumer.stats().rejected === 1);
    expect(handler.deliveries).toHaveLength(1);
    await eventually(async () => (await raw.getJobCountByTypes("active")) === 0);
  });

  it("keeps only so many bodies; of the others the quarantine says that they are gone", async () => {
    const { producer, rejected, quarantined, consume } = fresh();
    await producer.submit(Array.from({ length: 4 }, () => sampleJob()));
    const consumer = consume({ maxRejectedKept: 2, maxInFlight: 1 });
    await consumer.start(async () => ({ kind: "reject", code: "TEST", message: "no" }));
    await eventually(() => consumer.stats().rejected === 4);
    const kept = await rejected.list();
    expect(kept).toHaveLength(2);
    expect(kept[0]?.quarantineId).toBe(quarantined[0]?.id);
    expect(quarantined.map(({ message }) => message.includes("not kept"))).toEqual([false, false, true, true]);
  });
});

describe("jobs", () => {
  it("leave nothing behind when they are done, so that the same job can come again", async () => {
    const { producer, raw, consume } = fresh();
    const job = sampleJob();
    const handler = recordingHandler();
    const consumer = consume();
    await consumer.start(handler.handle);
    for (const round of [1, 2]) {
      await producer.submit([job]);
      await handler.delivery(round);
      await eventually(async () => (await raw.getJobCountByTypes("waiting", "active", "completed")) === 0);
    }
    expect(handler.ids()).toEqual([job.id, job.id]);
  });

  it("collapse into one while they wait", async () => {
    const { producer, raw } = fresh();
    const job = sampleJob();
    await producer.submit([job, sampleJob()]);
    await producer.submit([job]);
    expect(await raw.getJobCountByTypes("waiting")).toBe(2);
  });

  it("with one id but for two records stay two", async () => {
    const { producer, raw } = fresh();
    await producer.submit([sampleJob({ id: "same" }), sampleJob({ id: "same" })]);
    expect(await raw.getJobCountByTypes("waiting")).toBe(2);
  });

  it("of a producer that knows nothing of attempts are not lost when a handler throws", async () => {
    const { raw, consume } = fresh();
    await raw.add("encrypt", await sealedWire(fixture.transit, sampleJob()));
    const handler = recordingHandler(({ attempt }) => {
      if (attempt < 3) throw new Error("handler fault");
      return done;
    });
    await consume().start(handler.handle);
    expect(await handler.delivery(3)).toMatchObject({ attempt: 3 });
  });

  it("whose data somebody broke by hand are rejected, and met only once", async () => {
    const { producer, raw, consume, quarantined, queue } = fresh();
    const job = await raw.add("encrypt", {});
    await redis.hset(`test:${queue}:${job.id}`, "data", `{${canary}`);
    await producer.submit([sampleJob()]);
    const handler = recordingHandler();
    const consumer = consume();
    await consumer.start(handler.handle);
    await handler.delivery(1);
    await eventually(() => consumer.stats().rejected === 1);
    expect(quarantined).toMatchObject([{ code: "JOBS_JSON_INVALID" }]);
    expect(await dump()).not.toContain(canary);
  });

  it("survive a Redis that is killed and comes back", async () => {
    await using own = await startRedis({ persistent: true });
    const settings = { connection: { url: own.url }, queue: "own", prefix: "test" };
    const producer = createBullProducer({ ...settings, transit: fixture.transit });
    const jobs = Array.from({ length: 3 }, () => sampleJob());
    await producer.submit(jobs.slice(0, 2));
    const handler = recordingHandler();
    const consumer = createBullConsumer({ ...settings, transit: keyring, logger, quarantine: async () => undefined });
    await consumer.start(handler.handle);
    await handler.delivery(2);
    await own.kill();
    expect(await producer.submit(jobs.slice(2))).toMatchObject([{ ok: false, error: { code: "JOBS_SEND_FAILED" } }]);
    await own.restart();
    await eventually(async () => (await producer.submit(jobs.slice(2)))[0]?.ok === true, { timeoutMs: 10_000 });
    await eventually(() => handler.ids().includes(jobs[2]?.id ?? ""), { timeoutMs: 10_000 });
    await Promise.all([consumer.drain({ ms: 1_000 }), producer.close()]);
  });
});

describe("the producer", () => {
  it("stops at the queue's length with an error that says to try again", async () => {
    const { connection, queue, prefix } = fresh();
    const producer = createBullProducer({ connection, queue, prefix, transit: fixture.transit, maxQueued: 3 });
    const results = await producer.submit(Array.from({ length: 5 }, () => sampleJob()));
    expect(results.map((result) => result.ok || result.error.code)).toEqual([
      true,
      true,
      true,
      "JOBS_QUEUE_FULL",
      "JOBS_QUEUE_FULL",
    ]);
    expect(results.at(-1)).toMatchObject({ error: { retryable: true } });
    await producer.close();
  });

  it("a job that breaks the contract does not stop the others", async () => {
    const { producer } = fresh();
    const [first, bad, last] = [sampleJob(), sampleJob({ recordId: "" }), sampleJob()];
    expect(await producer.submit([first, bad, last])).toEqual([
      { ok: true, id: first.id },
      { ok: false, id: bad.id, error: expect.objectContaining({ code: "JOBS_RECORD_ID_INVALID" }) },
      { ok: true, id: last.id },
    ]);
  });

  it("that was made while Redis was away works once it is there", async () => {
    const port = await freePort();
    const connection = { host: "127.0.0.1", port };
    const options = { connection, queue: "q", prefix: "test", transit: fixture.transit, sendTimeoutMs: 300 };
    const producer = createBullProducer(options);
    expect(await producer.submit([sampleJob()])).toMatchObject([{ ok: false, error: { code: "JOBS_SEND_FAILED" } }]);
    await using _late = await startRedis({ port });
    await eventually(async () => (await producer.submit([sampleJob()]))[0]?.ok === true, { timeoutMs: 10_000 });
    await producer.close();
  });

  it("fails soon while Redis is away, and never queues in its own memory", async () => {
    const connection = { host: "127.0.0.1", port: 1 };
    const options = { connection, queue: "q", prefix: "test", transit: fixture.transit, sendTimeoutMs: 200 };
    const producer = createBullProducer(options);
    const startedAt = performance.now();
    expect(await producer.submit([sampleJob()])).toMatchObject([{ ok: false, error: { code: "JOBS_SEND_FAILED" } }]);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    await producer.close();
    await expect(producer.submit([sampleJob()])).rejects.toMatchObject({ code: "JOBS_CLOSED" });
  });

  it("is not made without a usable transit key", () => {
    const { connection, queue, prefix } = fresh();
    const transit = { ...fixture.transit, keyId: "x25519-another" };
    expect(() => createBullProducer({ connection, queue, prefix, transit })).toThrow(
      expect.objectContaining({ code: "JOBS_TRANSIT_KEY_INVALID" }),
    );
  });
});
