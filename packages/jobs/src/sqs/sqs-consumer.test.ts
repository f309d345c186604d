import { CreateQueueCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type LocalAws, startLocalAws } from "@dekhand/local-aws";
import { createLogger, createMetrics } from "@dekhand/runtime";
import { eventually } from "@dekhand/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { done, gate, recordingHandler } from "../contract/recording-handler.ts";
import { sampleJob } from "../contract/sample-jobs.ts";
import { encodeEncryptJob } from "../contracts/encode-encrypt-job.ts";
import type { EncryptJob } from "../contracts/encrypt-job.ts";
import { encryptJobs } from "../contracts/encrypt-jobs.ts";
import type { JobConsumer } from "../delivery.ts";
import { createSqsQueue, sqsClient } from "../testing/sqs-queue.ts";
import { MAX_SQS_MESSAGE_BYTES } from "./reason-attributes.ts";
import { createSqsConsumer, type SqsConsumerOptions } from "./sqs-consumer.ts";

const region = "us-east-1";
let aws: LocalAws;
let client: SQSClient;
const consumers: JobConsumer<EncryptJob>[] = [];

beforeAll(async () => {
  aws = await startLocalAws({ regions: [region] });
  client = sqsClient(aws.endpoints[region] ?? "");
});
afterEach(async () => {
  aws.control.clearFaults();
  await Promise.all(consumers.splice(0).map((consumer) => consumer.drain({ ms: 300 })));
});
afterAll(async () => {
  client.destroy();
  await aws.close();
});

function consume(queueUrl: string, options: Partial<SqsConsumerOptions<EncryptJob>> = {}): JobConsumer<EncryptJob> {
  const logger = createLogger({ service: "test", level: "silent" });
  const consumer = createSqsConsumer({ jobs: encryptJobs(), client, queueUrl, logger, ...options });
  consumers.push(consumer);
  return consumer;
}

const calls = (operation: string) => aws.control.callCounts()[region]?.sqs[operation]?.calls ?? 0;

describe("starting", () => {
  it("is refused without a dead-letter queue, because a rejected job would have nowhere to go", async () => {
    const { QueueUrl = "" } = await client.send(new CreateQueueCommand({ QueueName: "alone" }));
    await expect(consume(QueueUrl).start(async () => done)).rejects.toMatchObject({
      code: "JOBS_DLQ_MISSING",
      retryable: false,
    });
  });

  it("fails clearly where there is no such queue", async () => {
    const nowhere = `${aws.endpoints[region]}/000000000000/nowhere`;
    await expect(consume(nowhere).start(async () => done)).rejects.toMatchObject({ code: "JOBS_QUEUE_UNREACHABLE" });
  });
});

describe("rejecting", () => {
  it("leaves the message as it was, with its own attributes and its reason", async () => {
    const queue = await createSqsQueue(client);
    const own = { trace: { DataType: "String", StringValue: "t-1" } };
    await client.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: "{broken", MessageAttributes: own }));
    const consumer = consume(queue.url);
    await consumer.start(async () => done);
    await eventually(() => consumer.stats().rejected === 1);
    const [letter] = await queue.deadLetters();
    expect(letter).toMatchObject({ body: "{broken", attributes: { ReasonCode: "JOBS_JSON_INVALID", trace: "t-1" } });
    expect(letter?.attributes.SourceQueue).toMatch(/^arn:aws:sqs:us-east-1:\d+:jobs-/);
  });

  it("keeps the message on its queue while the dead-letter queue takes nothing", async () => {
    const queue = await createSqsQueue(client);
    await queue.send("{");
    aws.control.injectErrors(region, {
      service: "sqs",
      operation: "SendMessage",
      errorName: "ServiceUnavailable",
      status: 503,
    });
    const consumer = consume(queue.url);
    await consumer.start(async () => done);
    await eventually(() => consumer.stats().retried === 1);
    expect(await queue.open()).toBe(1);
    expect(await queue.deadLetters()).toEqual([]);
    expect(consumer.stats()).toMatchObject({ rejected: 0 });
  });

  it("of a message that leaves no room for its reason is left to SQS", async () => {
    const queue = await createSqsQueue(client);
    await queue.send("x".repeat(MAX_SQS_MESSAGE_BYTES));
    const consumer = consume(queue.url);
    await consumer.start(async () => done);
    await eventually(() => consumer.stats().retried === 1);
    expect(await queue.open()).toBe(1);
  });

  it("of a large message keeps at least its code", async () => {
    const queue = await createSqsQueue(client);
    const body = "x".repeat(MAX_SQS_MESSAGE_BYTES - 100);
    await queue.send(body);
    const consumer = consume(queue.url);
    await consumer.start(async () => done);
    await eventually(() => consumer.stats().rejected === 1);
    const [letter] = await queue.deadLetters();
    expect(letter?.attributes).toMatchObject({ ReasonCode: "JOBS_JSON_INVALID" });
    expect(letter?.attributes).not.toHaveProperty("ReasonMessage");
    expect(letter?.body).toBe(body);
  });
});

describe("acknowledging", () => {
  it("deletes ten messages a call", async () => {
    const queue = await createSqsQueue(client);
    const jobs = Array.from({ length: 100 }, () => encodeEncryptJob(sampleJob()).body);
    await Promise.all(jobs.map(queue.send));
    const finish = gate();
    const handler = recordingHandler(async () => {
      await finish.opened;
      return done;
    });
    aws.control.resetCounts();
    const consumer = consume(queue.url);
    await consumer.start(handler.handle);
    await eventually(() => handler.running === 100);
    finish.open();
    await eventually(() => consumer.stats().done === 100);
    expect(calls("DeleteMessageBatch")).toBe(10);
    expect(calls("DeleteMessage")).toBe(0);
    expect(await queue.open()).toBe(0);
  });

  it("is repeated until it went through, whether the call failed or only its answer was lost", async () => {
    const queue = await createSqsQueue(client);
    const failing = { service: "sqs", operation: "DeleteMessageBatch" } as const;
    aws.control.injectErrors(region, { ...failing, errorName: "ServiceUnavailable", status: 503, count: 1 });
    aws.control.injectErrors(region, { ...failing, drop: true, when: "after", count: 1 });
    await queue.send(encodeEncryptJob(sampleJob()).body);
    const handler = recordingHandler();
    const consumer = consume(queue.url, { visibilitySeconds: 10 });
    await consumer.start(handler.handle);
    await eventually(() => consumer.stats().done === 1);
    expect(await queue.open()).toBe(0);
    expect(handler.deliveries).toHaveLength(1);
  });
});

describe("receiving", () => {
  it("goes on after the queue was away", async () => {
    const queue = await createSqsQueue(client);
    const handler = recordingHandler();
    await consume(queue.url).start(handler.handle);
    aws.control.cutOff(region, true);
    await eventually(() => calls("ReceiveMessage") > 0);
    aws.control.cutOff(region, false);
    await queue.send(encodeEncryptJob(sampleJob()).body);
    await handler.delivery(1);
  });

  it("holds no more bytes than allowed", async () => {
    const queue = await createSqsQueue(client);
    const payload = Buffer.alloc(300_000);
    for (let index = 0; index < 8; index += 1) await queue.send(encodeEncryptJob(sampleJob({ payload })).body);
    const finish = gate();
    const handler = recordingHandler(async () => {
      await finish.opened;
      return done;
    });
    const maxInFlightBytes = 2 * MAX_SQS_MESSAGE_BYTES;
    const consumer = consume(queue.url, { maxInFlightBytes });
    await consumer.start(handler.handle);
    // 400,000 bytes a message: after three a fourth might not fit.
    await handler.delivery(3);
    expect(consumer.stats().inFlightBytes).toBeLessThanOrEqual(maxInFlightBytes);
    expect(handler.peak).toBe(3);
    finish.open();
    await eventually(() => consumer.stats().done === 8);
    expect(consumer.stats()).toMatchObject({ inFlight: 0, inFlightBytes: 0 });
  });

  it("counts what becomes of jobs", async () => {
    const queue = await createSqsQueue(client);
    const metrics = createMetrics({ service: "test" });
    await queue.send(encodeEncryptJob(sampleJob()).body);
    await queue.send("{");
    const consumer = consume(queue.url, { metrics });
    await consumer.start(async () => ({ kind: "done", note: "stored" }));
    await eventually(() => consumer.stats().done + consumer.stats().rejected === 2);
    const text = await metrics.render();
    expect(text).toMatch(/dekhand_jobs_outcomes_total\{.*outcome="done",reason="stored".*\} 1/);
    expect(text).toMatch(/dekhand_jobs_outcomes_total\{.*outcome="reject",reason="JOBS_JSON_INVALID".*\} 1/);
    expect(text).toMatch(/dekhand_jobs_received_total\{.*source="sqs".*\} 2/);
  });
});
