import type { SendMessageBatchCommandInput, SendMessageBatchCommandOutput, SQSClient } from "@aws-sdk/client-sqs";
import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sampleJob } from "../contract/sample-jobs.ts";
import { createSqsQueue, sqsClient } from "../testing/sqs-queue.ts";
import { createSqsProducer } from "./sqs-producer.ts";

const region = "us-east-1";
let aws: LocalAws;
let client: SQSClient;

beforeAll(async () => {
  aws = await startLocalAws({ regions: [region] });
  client = sqsClient(aws.endpoints[region] ?? "");
});
afterEach(() => {
  aws.control.clearFaults();
  aws.control.resetCounts();
});
afterAll(async () => {
  client.destroy();
  await aws.close();
});

const sends = () => aws.control.callCounts()[region]?.sqs.SendMessageBatch?.calls ?? 0;

describe("the SQS producer", () => {
  it("sends ten jobs a call and answers job by job, in order", async () => {
    const queue = await createSqsQueue(client);
    const producer = createSqsProducer({ client, queueUrl: queue.url });
    const jobs = Array.from({ length: 95 }, () => sampleJob());
    const results = await producer.submit(jobs);
    expect(results).toEqual(jobs.map(({ id }) => ({ ok: true, id })));
    expect(sends()).toBe(10);
    expect(await queue.open()).toBe(95);
    await producer.close();
  });

  it("keeps every call within 1 MiB", async () => {
    const queue = await createSqsQueue(client);
    const producer = createSqsProducer({ client, queueUrl: queue.url });
    const jobs = Array.from({ length: 9 }, () => sampleJob({ payload: Buffer.alloc(250_000) }));
    expect((await producer.submit(jobs)).every(({ ok }) => ok)).toBe(true);
    expect(sends()).toBe(3);
    await producer.close();
  });

  it("a job that breaks the contract, or is too large for a message, does not stop the others", async () => {
    const queue = await createSqsQueue(client);
    const producer = createSqsProducer({ client, queueUrl: queue.url });
    const good = sampleJob();
    const bad = sampleJob({ context: { "aws:x": "" } });
    const large = sampleJob({ payload: Buffer.alloc(800_000) });
    expect(await producer.submit([bad, good, large])).toEqual([
      { ok: false, id: bad.id, error: expect.objectContaining({ code: "JOBS_CONTEXT_RESERVED_KEY" }) },
      { ok: true, id: good.id },
      { ok: false, id: large.id, error: expect.objectContaining({ code: "JOBS_MESSAGE_TOO_LARGE" }) },
    ]);
    expect(await queue.open()).toBe(1);
    await producer.close();
  });

  it("sends again only the entries that failed", async () => {
    const queue = await createSqsQueue(client);
    const own = sqsClient(aws.endpoints[region] ?? "");
    const sent: number[] = [];
    own.middlewareStack.add(
      (next) => async (args) => {
        const input = args.input as SendMessageBatchCommandInput;
        const entries = input.Entries ?? [];
        sent.push(entries.length);
        if (sent.length > 1) return next(args);
        // The first call: SQS takes all but two.
        const result = await next({ ...args, input: { ...input, Entries: entries.slice(2) } });
        const output = result.output as SendMessageBatchCommandOutput;
        const failed = entries.slice(0, 2).map(({ Id }) => ({ Id, Code: "InternalError", SenderFault: false }));
        return { ...result, output: { ...output, Failed: failed } };
      },
      { step: "initialize" },
    );
    const producer = createSqsProducer({ client: own, queueUrl: queue.url });
    const results = await producer.submit(Array.from({ length: 10 }, () => sampleJob()));
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(sent[0]).toBe(10);
    expect(sent.slice(1).reduce((sum, count) => sum + count, 0)).toBe(2);
    expect(await queue.open()).toBe(10);
    await producer.close();
    own.destroy();
  });

  it("gives up in the end, with an error that says to try again", async () => {
    const queue = await createSqsQueue(client);
    aws.control.cutOff(region, true);
    const producer = createSqsProducer({ client, queueUrl: queue.url, sendTimeoutMs: 200 });
    const job = sampleJob();
    expect(await producer.submit([job])).toEqual([
      { ok: false, id: job.id, error: expect.objectContaining({ code: "JOBS_SEND_FAILED", retryable: true }) },
    ]);
    await producer.close();
  });

  it("takes no more in than may be on its way", async () => {
    const queue = await createSqsQueue(client);
    const producer = createSqsProducer({ client, queueUrl: queue.url, maxPendingBytes: 5_000, maxDelayMs: 1 });
    let taken = 0;
    const jobs = function* () {
      for (; taken < 100; taken += 1) yield sampleJob({ payload: Buffer.alloc(1_000) });
    };
    const submitting = producer.submit(jobs());
    await new Promise((resolve) => setImmediate(resolve));
    expect(taken).toBeLessThan(5);
    expect(await submitting).toHaveLength(100);
    expect(await queue.open()).toBe(100);
    await producer.close();
  });

  it("fails what it has not sent when it is closed", async () => {
    const queue = await createSqsQueue(client);
    const producer = createSqsProducer({ client, queueUrl: queue.url, maxDelayMs: 60_000 });
    const submitting = producer.submit([sampleJob()]);
    await new Promise((resolve) => setImmediate(resolve));
    await producer.close();
    expect(await submitting).toMatchObject([{ ok: false, error: { code: "JOBS_SEND_FAILED" } }]);
    await expect(producer.submit([sampleJob()])).rejects.toMatchObject({ code: "JOBS_CLOSED" });
  });
});
