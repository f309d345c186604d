import { eventually } from "@dekhand/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { done, gate, recordingHandler } from "../contract/recording-handler.ts";
import { sampleJob } from "../contract/sample-jobs.ts";
import { encodeEncryptJob } from "../contracts/encode-encrypt-job.ts";
import type { EncryptJob } from "../contracts/encrypt-job.ts";
import { type BullBench, startBullBench } from "../testing/bull-bench.ts";
import type { QuarantineEntry } from "./quarantine.ts";

const canary = "canary-4711-payload";

let bench: BullBench;

beforeAll(async () => {
  bench = await startBullBench();
});
afterEach(() => bench.clear());
afterAll(() => bench.stop());

describe("payloads", () => {
  it("never lie in Redis in the clear: the producer seals them", async () => {
    const { producer, raw, consume } = bench.fresh();
    const job = sampleJob({ payload: Buffer.from(canary) });
    await producer.submit([job]);
    expect(await raw.getJobCountByTypes("waiting")).toBe(1);
    const contents = await bench.dump();
    expect(contents).toContain(job.recordId);
    for (const form of [canary, Buffer.from(canary).toString("base64"), Buffer.from(canary).toString("hex")]) {
      expect(contents).not.toContain(form);
    }
    const handler = recordingHandler<EncryptJob>();
    await consume().start(handler.handle);
    expect((await handler.delivery(1)).job.payload.toString()).toBe(canary);
  });

  it("that got in plain are removed at once, whatever else fails, and leave ids, reason and digest", async () => {
    const { raw, consume, queue } = bench.fresh();
    const plain = JSON.parse(
      encodeEncryptJob(sampleJob({ id: "plain", recordId: "r", payload: Buffer.from(canary) })).body,
    );
    await raw.addBulk([
      { name: "encrypt", data: plain },
      { name: "encrypt", data: { ...plain, id: "odd", version: 7 } },
    ]);
    expect(await bench.dump()).toContain(Buffer.from(canary).toString("base64"));
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
    await eventually(async () => !(await bench.dump()).includes(Buffer.from(canary).toString("base64")));
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
    const { raw, consume, quarantined } = bench.fresh();
    const plain = JSON.parse(encodeEncryptJob(sampleJob({ id: "plain" })).body);
    await raw.add("encrypt", plain);
    const dying = consume({ quarantine: () => new Promise(() => undefined), lockMs: 1_000, stalledIntervalMs: 200 });
    await dying.start(async () => done);
    await eventually(async () => (await bench.dump()).includes("scrubbed"));
    await dying.drain({ ms: 200 });
    const consumer = consume({ lockMs: 1_000, stalledIntervalMs: 200 });
    await consumer.start(async () => done);
    await eventually(() => consumer.stats().rejected === 1);
    expect(quarantined).toMatchObject([{ code: "JOBS_PAYLOAD_PLAIN_OVER_REDIS", jobId: "plain" }]);
  });
});

describe("rejecting", () => {
  it("writes the reason down before the job leaves its queue", async () => {
    const { producer, raw, consume } = bench.fresh();
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
    const { producer, raw, consume } = bench.fresh();
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
    const { producer, rejected, quarantined, consume } = bench.fresh();
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
