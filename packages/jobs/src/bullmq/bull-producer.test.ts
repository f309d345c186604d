import { startRedis } from "@dekhand/local-redis";
import { eventually, freePort } from "@dekhand/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sampleJob } from "../contract/sample-jobs.ts";
import { type BullBench, startBullBench } from "../testing/bull-bench.ts";
import { createBullProducer } from "./bull-producer.ts";

let bench: BullBench;

beforeAll(async () => {
  bench = await startBullBench();
});
afterEach(() => bench.clear());
afterAll(() => bench.stop());

describe("the producer", () => {
  it("stops at the queue's length with an error that says to try again", async () => {
    const { connection, queue, prefix } = bench.fresh();
    const producer = createBullProducer({ connection, queue, prefix, transit: bench.fixture.transit, maxQueued: 3 });
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
    const { producer } = bench.fresh();
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
    const options = { connection, queue: "q", prefix: "test", transit: bench.fixture.transit, sendTimeoutMs: 300 };
    const producer = createBullProducer(options);
    expect(await producer.submit([sampleJob()])).toMatchObject([{ ok: false, error: { code: "JOBS_SEND_FAILED" } }]);
    await using _late = await startRedis({ port });
    await eventually(async () => (await producer.submit([sampleJob()]))[0]?.ok === true, { timeoutMs: 10_000 });
    await producer.close();
  });

  it("fails soon while Redis is away, and never queues in its own memory", async () => {
    const connection = { host: "127.0.0.1", port: 1 };
    const options = { connection, queue: "q", prefix: "test", transit: bench.fixture.transit, sendTimeoutMs: 200 };
    const producer = createBullProducer(options);
    const startedAt = performance.now();
    expect(await producer.submit([sampleJob()])).toMatchObject([{ ok: false, error: { code: "JOBS_SEND_FAILED" } }]);
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    await producer.close();
    await expect(producer.submit([sampleJob()])).rejects.toMatchObject({ code: "JOBS_CLOSED" });
  });

  it("waits for Redis once a submission, however many jobs it has", async () => {
    const connection = { host: "127.0.0.1", port: 1 };
    const options = { connection, queue: "q", prefix: "test", transit: bench.fixture.transit, sendTimeoutMs: 1_000 };
    const producer = createBullProducer(options);
    const startedAt = performance.now();
    const results = await producer.submit(Array.from({ length: 300 }, () => sampleJob()));
    // Six chunks of 50.
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(results.filter(({ ok }) => !ok)).toHaveLength(300);
    await producer.close();
  });

  it("is not made without a usable transit key", () => {
    const { connection, queue, prefix } = bench.fresh();
    const transit = { ...bench.fixture.transit, keyId: "x25519-another" };
    expect(() => createBullProducer({ connection, queue, prefix, transit })).toThrow(
      expect.objectContaining({ code: "JOBS_TRANSIT_KEY_INVALID" }),
    );
  });
});
