import { describe, expect, it } from "vitest";
import { bodies, createFixture } from "./sqs-fixture.ts";

describe("the limit of messages in flight", () => {
  const limits = { inFlightMessages: 3 };

  it("cuts a receive short, then answers short polls with OverLimit and long polls with nothing", async () => {
    const sqs = createFixture({ limits });
    const url = await sqs.create("q");
    await sqs.send(url, "1", "2", "3", "4");
    expect(bodies(await sqs.receive(url))).toEqual(["1", "2", "3"]);
    expect(await sqs.fault("ReceiveMessage", { QueueUrl: url })).toBe("OverLimit");
    expect(await sqs.receive(url, { WaitTimeSeconds: 1 })).toEqual([]);
  });

  it("lets a waiting receive have the next message when one is deleted or returned", async () => {
    const sqs = createFixture({ limits });
    const url = await sqs.create("q");
    await sqs.send(url, "1", "2", "3", "4", "5");
    const [first, second] = await sqs.receive(url);
    const waiting = sqs.receive(url, { WaitTimeSeconds: 20, MaxNumberOfMessages: 1 });
    await sqs.call("DeleteMessage", { QueueUrl: url, ReceiptHandle: first?.ReceiptHandle });
    expect(bodies(await waiting)).toEqual(["4"]);
    const again = sqs.receive(url, { WaitTimeSeconds: 20, MaxNumberOfMessages: 1 });
    const change = { QueueUrl: url, ReceiptHandle: second?.ReceiptHandle, VisibilityTimeout: 0 };
    await sqs.call("ChangeMessageVisibility", change);
    expect(bodies(await again)).toEqual(["5"]);
  });
});

it("FIFO queues are refused by name, not created as something else", async () => {
  const sqs = createFixture();
  expect(await sqs.fault("CreateQueue", { QueueName: "q.fifo" })).toBe("UnsupportedOperation");
  const Attributes = { FifoQueue: "true" };
  expect(await sqs.fault("CreateQueue", { QueueName: "q", Attributes })).toBe("UnsupportedOperation");
  expect(await sqs.fault("GetQueueUrl", { QueueName: "q" })).toBe("QueueDoesNotExist");
  const url = await sqs.create("standard");
  const fifo = { QueueUrl: url, MessageBody: "m", MessageDeduplicationId: "d" };
  expect(await sqs.fault("SendMessage", fifo)).toBe("InvalidParameterValue");
});

it("a dead-letter queue takes messages only from the sources that it allows", async () => {
  const sqs = createFixture();
  const RedriveAllowPolicy = JSON.stringify({
    redrivePermission: "byQueue",
    sourceQueueArns: ["arn:aws:sqs:us-east-1:123456789012:friend"],
  });
  const dead = await sqs.create("dead", { RedriveAllowPolicy });
  const deadLetterTargetArn = await sqs.attribute(dead, "QueueArn");
  const Attributes = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 }) };
  expect(await sqs.fault("CreateQueue", { QueueName: "stranger", Attributes })).toBe("InvalidParameterValue");
  expect(await sqs.fault("CreateQueue", { QueueName: "friend", Attributes })).toBe("none");
});

it("names such as __proto__ are ordinary names of queues, tags and message attributes", async () => {
  const sqs = createFixture();
  const url = await sqs.create("__proto__");
  await sqs.call("TagQueue", { QueueUrl: url, Tags: JSON.parse('{"__proto__":"tag"}') });
  expect(JSON.stringify(await sqs.call("ListQueueTags", { QueueUrl: url }))).toBe('{"Tags":{"__proto__":"tag"}}');
  const MessageAttributes = JSON.parse(
    '{"__proto__":{"DataType":"String","StringValue":"v"},"constructor":{"DataType":"String","StringValue":"w"}}',
  );
  await sqs.call("SendMessage", { QueueUrl: url, MessageBody: "m", MessageAttributes });
  const [message] = await sqs.receive(url, { MessageAttributeNames: ["All"] });
  expect(JSON.stringify(message?.MessageAttributes)).toBe(JSON.stringify(MessageAttributes));
});

it("the text of a message does not show up in what its refusal says", async () => {
  const sqs = createFixture();
  const url = await sqs.create("q", { MaximumMessageSize: "1024" });
  for (const MessageBody of [`canary\u0000`, `canary${"x".repeat(1024)}`]) {
    const refusal = await sqs.call("SendMessage", { QueueUrl: url, MessageBody }).catch(String);
    expect(refusal).not.toContain("canary");
  }
});

it("a receive and a delete of ten cost no more in a queue of 40,000 than in one of 100", {
  timeout: 60_000,
}, async () => {
  const cost = async (queued: number) => {
    const sqs = createFixture();
    const url = await sqs.create("q");
    for (let batch = 0; batch < queued / 10; batch++) {
      const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: `e${index}`, MessageBody: "body" }));
      await sqs.call("SendMessageBatch", { QueueUrl: url, Entries });
    }
    // Leaves some of them in flight, so that all structures are in use.
    for (let round = 0; round < queued / 40; round++) await sqs.receive(url);
    const samples: number[] = [];
    for (let round = 0; round < 50; round++) {
      const startedAt = performance.now();
      const received = await sqs.receive(url, { VisibilityTimeout: 0 });
      const Entries = received.map(({ ReceiptHandle }, index) => ({ Id: `e${index}`, ReceiptHandle }));
      await sqs.call("DeleteMessageBatch", { QueueUrl: url, Entries });
      await sqs.call("SendMessageBatch", {
        QueueUrl: url,
        Entries: Entries.map(({ Id }) => ({ Id, MessageBody: "m" })),
      });
      samples.push(performance.now() - startedAt);
    }
    return samples.sort((a, b) => a - b)[10] ?? Number.POSITIVE_INFINITY;
  };
  await cost(100);
  const short = await cost(100);
  const long = await cost(40_000);
  // A walk through the queue would cost hundreds of times more.
  expect(long / short).toBeLessThan(20);
});
