import { describe, expect, it } from "vitest";
import { bodies, createFixture } from "./sqs-fixture.ts";

const DAY = 86_400;

describe("retention", () => {
  it("ends for a message at its age, visible, delayed or in flight", async () => {
    const sqs = createFixture();
    const url = await sqs.create("q", { MessageRetentionPeriod: "100", VisibilityTimeout: "43200" });
    await sqs.send(url, "in flight");
    await sqs.receive(url);
    await sqs.send(url, "visible");
    await sqs.call("SendMessage", { QueueUrl: url, MessageBody: "delayed", DelaySeconds: 900 });
    sqs.pass(99);
    await sqs.send(url, "younger");
    expect(await sqs.attribute(url, "ApproximateNumberOfMessages")).toBe("2");
    sqs.pass(1);
    expect(bodies(await sqs.receive(url))).toEqual(["younger"]);
    expect(await sqs.attribute(url, "ApproximateNumberOfMessagesNotVisible")).toBe("1");
    expect(await sqs.attribute(url, "ApproximateNumberOfMessagesDelayed")).toBe("0");
  });

  it("applies to the messages that are there when it is changed", async () => {
    const sqs = createFixture();
    const url = await sqs.create("q");
    await sqs.send(url, "old");
    sqs.pass(61);
    await sqs.send(url, "new");
    await sqs.call("SetQueueAttributes", { QueueUrl: url, Attributes: { MessageRetentionPeriod: "60" } });
    expect(bodies(await sqs.receive(url))).toEqual(["new"]);
  });

  it("counts from the first send for dead letters, and anew for messages that a task moves", async () => {
    const sqs = createFixture();
    const dead = await sqs.create("dead", { MessageRetentionPeriod: String(10 * DAY) });
    const arn = String(await sqs.attribute(dead, "QueueArn"));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 1 });
    const source = await sqs.create("source", { MessageRetentionPeriod: String(14 * DAY), RedrivePolicy });
    await sqs.send(source, "letter");
    const [first] = await sqs.receive(source);
    sqs.pass(9 * DAY);
    await sqs.receive(source);
    const [letter] = await sqs.receive(dead, { VisibilityTimeout: 0 });
    expect(Object(letter?.Attributes).SentTimestamp).toBe(Object(first?.Attributes).SentTimestamp);
    sqs.pass(DAY);
    expect(await sqs.receive(dead)).toEqual([]);
  });
});

describe("time", () => {
  it("lets a message be held twelve hours from its receive, not from its last extension", async () => {
    const sqs = createFixture();
    const url = await sqs.create("q");
    await sqs.send(url, "held");
    const [message] = await sqs.receive(url, { VisibilityTimeout: 43_000 });
    const change = { QueueUrl: url, ReceiptHandle: message?.ReceiptHandle };
    sqs.pass(40_000);
    expect(await sqs.fault("ChangeMessageVisibility", { ...change, VisibilityTimeout: 3_201 })).toBe(
      "InvalidParameterValue",
    );
    expect(await sqs.fault("ChangeMessageVisibility", { ...change, VisibilityTimeout: 3_200 })).toBe("none");
    sqs.pass(3_199);
    expect(await sqs.receive(url)).toEqual([]);
    sqs.pass(1);
    expect(await sqs.receive(url)).toHaveLength(1);
  });

  it("frees a deleted queue's name, and a queue for the next purge, after a minute", async () => {
    const sqs = createFixture();
    const url = await sqs.create("q");
    await sqs.call("PurgeQueue", { QueueUrl: url });
    sqs.pass(59);
    expect(await sqs.fault("PurgeQueue", { QueueUrl: url })).toBe("PurgeQueueInProgress");
    sqs.pass(1);
    expect(await sqs.fault("PurgeQueue", { QueueUrl: url })).toBe("none");
    await sqs.call("DeleteQueue", { QueueUrl: url });
    sqs.pass(59);
    expect(await sqs.fault("CreateQueue", { QueueName: "q" })).toBe("QueueDeletedRecently");
    sqs.pass(1);
    expect(await sqs.fault("CreateQueue", { QueueName: "q" })).toBe("none");
  });

  it("returns messages in the order in which they became visible", async () => {
    const sqs = createFixture();
    const url = await sqs.create("q");
    await sqs.send(url, "1", "2", "3");
    await sqs.receive(url, { MaxNumberOfMessages: 1, VisibilityTimeout: 5 });
    await sqs.receive(url, { MaxNumberOfMessages: 1, VisibilityTimeout: 3 });
    sqs.pass(10);
    expect(bodies(await sqs.receive(url))).toEqual(["3", "2", "1"]);
  });

  it("of a queue that was deleted is over: handles of it are none of its successor's", async () => {
    const sqs = createFixture();
    const url = await sqs.create("q");
    await sqs.send(url, "old");
    const [message] = await sqs.receive(url);
    await sqs.call("DeleteQueue", { QueueUrl: url });
    sqs.pass(60);
    await sqs.create("q");
    const stale = { QueueUrl: url, ReceiptHandle: message?.ReceiptHandle };
    expect(await sqs.fault("DeleteMessage", stale)).toBe("ReceiptHandleIsInvalid");
    expect(await sqs.receive(url)).toEqual([]);
  });
});
