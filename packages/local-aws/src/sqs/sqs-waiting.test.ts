import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bodies, createFixture } from "./sqs-fixture.ts";

/** With a clock that moves only here, and timers that fire by it. */
describe("a waiting receive", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const fixture = () => createFixture({ now: Date.now });

  it("is answered with nothing when the service closes, and no timer is left", async () => {
    const sqs = fixture();
    const url = await sqs.create("q");
    await sqs.send(url, "hidden");
    await sqs.receive(url);
    const waiting = [1, 2].map(() => sqs.receive(url, { WaitTimeSeconds: 20 }));
    await Promise.resolve();
    expect(vi.getTimerCount()).toBeGreaterThan(0);
    sqs.service.close();
    expect(await Promise.all(waiting)).toEqual([[], []]);
    expect(vi.getTimerCount()).toBe(0);
    expect(await sqs.receive(url, { WaitTimeSeconds: 20 })).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("ends with QueueDoesNotExist when its queue is deleted", async () => {
    const sqs = fixture();
    const url = await sqs.create("q");
    const waiting = sqs.fault("ReceiveMessage", { QueueUrl: url, WaitTimeSeconds: 20 });
    await sqs.call("DeleteQueue", { QueueUrl: url });
    expect(await waiting).toBe("QueueDoesNotExist");
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves no timer and takes no message once its client has gone", async () => {
    const sqs = fixture();
    const url = await sqs.create("q");
    const client = new AbortController();
    const ask = { QueueUrl: url, WaitTimeSeconds: 20 };
    const waiting = sqs.call("ReceiveMessage", ask, client.signal);
    await Promise.resolve();
    client.abort();
    expect(await waiting).toEqual({});
    expect(await sqs.call("ReceiveMessage", ask, client.signal)).toEqual({});
    expect(vi.getTimerCount()).toBe(0);
    await sqs.send(url, "for another");
    expect(bodies(await sqs.receive(url))).toEqual(["for another"]);
  });

  it("is woken at the time at which a message becomes visible, by nothing else", async () => {
    const sqs = fixture();
    const url = await sqs.create("q", { VisibilityTimeout: "10" });
    await sqs.send(url, "later", "hidden");
    await sqs.receive(url);
    let answered = false;
    const waiting = sqs.receive(url, { WaitTimeSeconds: 20 }).finally(() => {
      answered = true;
    });
    await vi.advanceTimersByTimeAsync(9_999);
    expect(answered).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(bodies(await waiting).sort()).toEqual(["hidden", "later"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("comes before one that asked later", async () => {
    const sqs = fixture();
    const url = await sqs.create("q");
    const first = sqs.receive(url, { WaitTimeSeconds: 20 });
    const second = sqs.receive(url, { WaitTimeSeconds: 20 });
    await Promise.resolve();
    await sqs.send(url, "1");
    await sqs.send(url, "2");
    expect(bodies(await first)).toEqual(["1"]);
    expect(bodies(await second)).toEqual(["2"]);
  });

  it("gets the messages of one batch together", async () => {
    const sqs = fixture();
    const url = await sqs.create("q");
    const waiting = sqs.receive(url, { WaitTimeSeconds: 20 });
    const Entries = ["1", "2", "3"].map((text) => ({ Id: text, MessageBody: text }));
    await sqs.call("SendMessageBatch", { QueueUrl: url, Entries });
    expect(bodies(await waiting)).toEqual(["1", "2", "3"]);
  });
});
