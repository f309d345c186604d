import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { JsonObject } from "../service.ts";
import { bodies, createFixture, type SqsFixture } from "./sqs-fixture.ts";

describe("a move task", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const fixture = (restore?: JsonObject) => createFixture({ now: Date.now, restore });

  async function prepare(sqs: SqsFixture) {
    const dead = await sqs.create("dead");
    const SourceArn = String(await sqs.attribute(dead, "QueueArn"));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: SourceArn, maxReceiveCount: 1 });
    const source = await sqs.create("source", { RedrivePolicy });
    const DestinationArn = String(await sqs.attribute(source, "QueueArn"));
    return { dead, source, SourceArn, DestinationArn };
  }
  const latest = async (sqs: SqsFixture, SourceArn: string) => {
    const { Results } = await sqs.call("ListMessageMoveTasks", { SourceArn });
    return Object(Results)[0];
  };

  it("moves at its rate", async () => {
    const sqs = fixture();
    const { dead, source, SourceArn, DestinationArn } = await prepare(sqs);
    await sqs.send(dead, ...Array.from({ length: 10 }, String));
    await sqs.call("StartMessageMoveTask", { SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: 4 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await sqs.attribute(source, "ApproximateNumberOfMessages")).toBe("4");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await latest(sqs, SourceArn)).toMatchObject({
      Status: "RUNNING",
      ApproximateNumberOfMessagesMoved: 8,
      ApproximateNumberOfMessagesToMove: 10,
    });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await latest(sqs, SourceArn)).toMatchObject({ Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 10 });
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves what is in flight or arrives later", async () => {
    const sqs = fixture();
    const { dead, source, SourceArn, DestinationArn } = await prepare(sqs);
    await sqs.send(dead, "in flight", "1");
    await sqs.receive(dead, { MaxNumberOfMessages: 1 });
    await sqs.call("StartMessageMoveTask", { SourceArn, DestinationArn });
    await sqs.send(dead, "later");
    await vi.runAllTimersAsync();
    expect(bodies(await sqs.receive(source))).toEqual(["1"]);
    expect(bodies(await sqs.receive(dead))).toEqual(["later"]);
  });

  it("moves thousands in one go, and others are served meanwhile", async () => {
    const sqs = fixture();
    const { dead, source, SourceArn, DestinationArn } = await prepare(sqs);
    await sqs.send(dead, ...Array.from({ length: 2_100 }, String));
    await sqs.call("StartMessageMoveTask", { SourceArn, DestinationArn });
    await vi.advanceTimersToNextTimerAsync();
    expect(await latest(sqs, SourceArn)).toMatchObject({ Status: "RUNNING" });
    await vi.runAllTimersAsync();
    expect(await latest(sqs, SourceArn)).toMatchObject({ Status: "COMPLETED" });
    expect(await sqs.attribute(source, "ApproximateNumberOfMessages")).toBe("2100");
  });

  it("fails when its destination is deleted, and what is left stays", async () => {
    const sqs = fixture();
    const { dead, SourceArn } = await prepare(sqs);
    const other = await sqs.create("other");
    const DestinationArn = String(await sqs.attribute(other, "QueueArn"));
    await sqs.send(dead, "1", "2", "3");
    await sqs.call("StartMessageMoveTask", { SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: 1 });
    await vi.advanceTimersByTimeAsync(1_000);
    await sqs.call("DeleteQueue", { QueueUrl: other });
    await vi.runAllTimersAsync();
    expect(await latest(sqs, SourceArn)).toMatchObject({
      Status: "FAILED",
      FailureReason: "AWS.SimpleQueueService.NonExistentQueue",
      ApproximateNumberOfMessagesMoved: 1,
    });
    expect(bodies(await sqs.receive(dead))).toEqual(["2", "3"]);
  });

  it("goes on after a restart, and stops with the service", async () => {
    const before = fixture();
    const { dead, source, SourceArn, DestinationArn } = await prepare(before);
    await before.send(dead, "1", "2", "3");
    await before.call("StartMessageMoveTask", { SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: 1 });
    await vi.advanceTimersByTimeAsync(1_000);
    before.service.close();
    expect(vi.getTimerCount()).toBe(0);
    const after = fixture(JSON.parse(JSON.stringify(before.service.snapshot?.())));
    await vi.runAllTimersAsync();
    expect(await latest(after, SourceArn)).toMatchObject({ Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 3 });
    expect(bodies(await after.receive(source))).toEqual(["1", "2", "3"]);
  });
});
