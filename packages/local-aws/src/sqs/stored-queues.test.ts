import { describe, expect, it } from "vitest";
import type { JsonObject } from "../service.ts";
import { createSqsService } from "./index.ts";
import { ACCOUNT, bodies, createFixture, REGION, type SqsFixture } from "./sqs-fixture.ts";

const AT = Date.UTC(2026, 10, 1);

/** What a file would give back. */
function saved(sqs: SqsFixture): JsonObject {
  return JSON.parse(JSON.stringify(sqs.service.snapshot?.()));
}

describe("a snapshot", () => {
  it("brings back queues with their attributes, tags and the pause after a deletion", async () => {
    const before = createFixture({ at: AT });
    const dead = await before.create("dead");
    const deadLetterTargetArn = await before.attribute(dead, "QueueArn");
    const url = await before.create("q", {
      VisibilityTimeout: "77",
      KmsMasterKeyId: "alias/mine",
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 5 }),
    });
    await before.call("TagQueue", { QueueUrl: url, Tags: { team: "one" } });
    await before.call("DeleteQueue", { QueueUrl: await before.create("gone") });

    const after = createFixture({ at: AT, restore: saved(before) });
    const ask = { QueueUrl: url, AttributeNames: ["All"] };
    expect(await after.call("GetQueueAttributes", ask)).toEqual(await before.call("GetQueueAttributes", ask));
    expect(await after.call("ListQueueTags", { QueueUrl: url })).toEqual({ Tags: { team: "one" } });
    expect(await after.fault("CreateQueue", { QueueName: "gone" })).toBe("QueueDeletedRecently");
    expect(saved(after)).toEqual(saved(before));
  });

  it("brings back messages in their order, with attributes and history", async () => {
    const before = createFixture({ at: AT });
    const url = await before.create("q");
    await before.send(url, "1", "2");
    const MessageAttributes = { bytes: { DataType: "Binary", BinaryValue: "AAEC" } };
    await before.call("SendMessage", { QueueUrl: url, MessageBody: "3", MessageAttributes, MessageGroupId: "g" });
    await before.receive(url, { MaxNumberOfMessages: 1, VisibilityTimeout: 0 });
    const restore = saved(before);
    const after = createFixture({ at: AT, restore });
    const ask = { MessageAttributeNames: ["All"] };
    const received = await after.receive(url, ask);
    expect(bodies(received)).toEqual(["2", "3", "1"]);
    expect(received).toEqual(await before.receive(url, ask));
  });

  it("brings back what is in flight or delayed: receipt handles work, and the time goes on", async () => {
    const before = createFixture({ at: AT });
    const url = await before.create("q");
    await before.send(url, "done", "held");
    const [done] = await before.receive(url, { VisibilityTimeout: 100 });
    await before.call("SendMessage", { QueueUrl: url, MessageBody: "later", DelaySeconds: 50 });

    const after = createFixture({ at: AT + 30_000, restore: saved(before) });
    expect(await after.attribute(url, "ApproximateNumberOfMessagesNotVisible")).toBe("2");
    expect(await after.attribute(url, "ApproximateNumberOfMessagesDelayed")).toBe("1");
    expect(await after.receive(url)).toEqual([]);
    await after.call("DeleteMessage", { QueueUrl: url, ReceiptHandle: done?.ReceiptHandle });
    after.pass(20);
    expect(bodies(await after.receive(url, { VisibilityTimeout: 600 }))).toEqual(["later"]);
    after.pass(49);
    expect(await after.receive(url)).toEqual([]);
    after.pass(1);
    expect(bodies(await after.receive(url))).toEqual(["held"]);
  });

  it("is announced at each change, and by reading nothing", async () => {
    let changes = 0;
    const sqs = createFixture({ onChange: () => changes++ });
    const changed = async (act: () => Promise<unknown>) => {
      const before = changes;
      await act();
      return changes > before;
    };
    const url = await sqs.create("q", { VisibilityTimeout: "10" });
    expect(changes).toBe(1);
    expect(await changed(() => sqs.send(url, "1", "2"))).toBe(true);
    const [first] = await sqs.receive(url, { MaxNumberOfMessages: 1 });
    const handle = { QueueUrl: url, ReceiptHandle: first?.ReceiptHandle };
    expect(await changed(() => sqs.receive(url))).toBe(true);
    expect(await changed(() => sqs.call("ChangeMessageVisibility", { ...handle, VisibilityTimeout: 20 }))).toBe(true);
    expect(await changed(() => sqs.call("DeleteMessage", handle))).toBe(true);
    expect(await changed(() => sqs.call("SetQueueAttributes", { QueueUrl: url, Attributes: {} }))).toBe(true);
    expect(await changed(() => sqs.call("TagQueue", { QueueUrl: url, Tags: { a: "b" } }))).toBe(true);
    expect(await changed(() => sqs.attribute(url, "All"))).toBe(false);
    expect(await changed(() => sqs.receive(url))).toBe(false);
    expect(await changed(() => sqs.call("ListQueues", {}))).toBe(false);
    sqs.pass(400_000);
    expect(await changed(() => sqs.attribute(url, "All"))).toBe(true);
  });

  it("is refused when it is damaged, of another version, Region or account", async () => {
    const before = createFixture({ at: AT });
    await before.send(await before.create("q"), "1");
    const good = saved(before);
    const [queue] = Array.isArray(good.queues) ? good.queues : [];
    for (const bad of [
      { ...good, version: 2 },
      { ...good, region: "eu-west-1" },
      { ...good, accountId: "000000000000" },
      { ...good, queues: undefined },
      { ...good, queues: [{ ...Object(queue), attributes: { VisibilityTimeout: "never" } }] },
      { ...good, queues: [{ ...Object(queue), messages: [{ id: "1" }] }] },
      { ...good, moveTasks: [{}] },
    ]) {
      expect(() => createSqsService({ region: REGION, accountId: ACCOUNT, restore: bad })).toThrow(
        expect.objectContaining({ code: "LOCAL_AWS_STATE_UNREADABLE" }),
      );
    }
  });
});
