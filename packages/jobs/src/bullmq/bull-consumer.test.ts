import { startRedis } from "@dekhand/local-redis";
import { createLogger } from "@dekhand/runtime";
import { eventually } from "@dekhand/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { aborted, done, recordingHandler } from "../contract/recording-handler.ts";
import { sampleJob, sealedWire } from "../contract/sample-jobs.ts";
import { encryptJobs } from "../contracts/encrypt-jobs.ts";
import { type BullBench, startBullBench } from "../testing/bull-bench.ts";
import { createBullConsumer } from "./bull-consumer.ts";
import { createBullProducer } from "./bull-producer.ts";

const canary = "canary-4711-payload";
const logger = createLogger({ service: "test", level: "silent" });

let bench: BullBench;

beforeAll(async () => {
  bench = await startBullBench();
});
afterEach(() => bench.clear());
afterAll(() => bench.stop());

describe("starting", () => {
  it("is refused where Redis may drop jobs when its memory is full", async () => {
    await bench.redis.config("SET", "maxmemory-policy", "allkeys-lru");
    const settings = { connection: { url: bench.server.url }, queue: "evicts", prefix: "test" };
    const consumer = createBullConsumer({
      ...settings,
      jobs: encryptJobs(),
      logger,
      quarantine: async () => undefined,
    });
    await expect(consumer.start(async () => done)).rejects.toMatchObject({
      code: "JOBS_REDIS_EVICTS",
      context: { policy: "allkeys-lru" },
    });
    await bench.redis.config("SET", "maxmemory-policy", "noeviction");
  });

  it("fails clearly where no Redis answers", async () => {
    const consumer = bench.fresh().consume({ connection: { host: "127.0.0.1", port: 1 } });
    await expect(consumer.start(async () => done)).rejects.toMatchObject({
      code: "JOBS_QUEUE_UNREACHABLE",
      retryable: true,
    });
  });
});

describe("jobs", () => {
  it("leave nothing behind when they are done, so that the same job can come again", async () => {
    const { producer, raw, consume } = bench.fresh();
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
    const { producer, raw } = bench.fresh();
    const job = sampleJob();
    await producer.submit([job, sampleJob()]);
    await producer.submit([job]);
    expect(await raw.getJobCountByTypes("waiting")).toBe(2);
  });

  it("with one id but for two records stay two", async () => {
    const { producer, raw } = bench.fresh();
    await producer.submit([sampleJob({ id: "same" }), sampleJob({ id: "same" })]);
    expect(await raw.getJobCountByTypes("waiting")).toBe(2);
  });

  it("of a producer that knows nothing of attempts are not lost when a handler throws", async () => {
    const { raw, consume } = bench.fresh();
    await raw.add("encrypt", await sealedWire(bench.fixture.transit, sampleJob()));
    const handler = recordingHandler(({ attempt }) => {
      if (attempt < 3) throw new Error("handler fault");
      return done;
    });
    await consume().start(handler.handle);
    expect(await handler.delivery(3)).toMatchObject({ attempt: 3 });
  });

  it("survive any number of workers that lose them", async () => {
    const { producer, consume, queue, raw } = bench.fresh();
    await producer.submit([sampleJob()]);
    const handler = recordingHandler(async ({ attempt, signal }) => {
      if (attempt < 5) await aborted(signal);
      return done;
    });
    const consumer = consume({ lockMs: 1_000, stalledIntervalMs: 100 });
    await consumer.start(handler.handle);
    for (const attempt of [1, 2, 3, 4]) {
      await handler.delivery(attempt);
      await bench.redis.del(...(await bench.redis.keys(`test:${queue}:*:lock`)));
    }
    await eventually(() => consumer.stats().done === 1 && consumer.stats().lost >= 4);
    await eventually(async () => (await raw.getJobCountByTypes("waiting", "active", "failed")) === 0);
  });

  it("whose data somebody broke by hand are rejected, and met only once", async () => {
    const { producer, raw, consume, quarantined, queue } = bench.fresh();
    const job = await raw.add("encrypt", {});
    await bench.redis.hset(`test:${queue}:${job.id}`, "data", `{${canary}`);
    await producer.submit([sampleJob()]);
    const handler = recordingHandler();
    const consumer = consume();
    await consumer.start(handler.handle);
    await handler.delivery(1);
    await eventually(() => consumer.stats().rejected === 1);
    expect(quarantined).toMatchObject([{ code: "JOBS_JSON_INVALID" }]);
    expect(await bench.dump()).not.toContain(canary);
  });

  it("survive a Redis that is killed and comes back", async () => {
    await using own = await startRedis({ persistent: true });
    const settings = { connection: { url: own.url }, queue: "own", prefix: "test" };
    const producer = createBullProducer({ ...settings, transit: bench.fixture.transit });
    const jobs = Array.from({ length: 3 }, () => sampleJob());
    await producer.submit(jobs.slice(0, 2));
    const handler = recordingHandler();
    const consumer = createBullConsumer({
      ...settings,
      jobs: encryptJobs({ transit: bench.fixture.keyring() }),
      logger,
      quarantine: async () => undefined,
    });
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
