import { ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { expectError } from "./kms-suite.ts";
import { bodiesOf, type KnownQueue, numbered, type SqsSuite } from "./sqs-suite.ts";

export function describeWaiting(suite: SqsSuite): void {
  /** After this, a receive that was sent before is known to have arrived, or its leaving to have been noticed. */
  const waitBeside = async (queue: KnownQueue) => {
    expect(await suite.receive(queue, { WaitTimeSeconds: 1 })).toEqual([]);
  };

  describe("waiting", () => {
    it("ends as soon as a message arrives", async () => {
      const queue = await suite.createQueue();
      const startedAt = performance.now();
      const waiting = suite.receive(queue, { WaitTimeSeconds: 20 });
      await waitBeside(queue);
      await suite.send(queue, "here");
      expect(bodiesOf(await waiting)).toEqual(["here"]);
      expect(performance.now() - startedAt).toBeLessThan(10_000);
    });

    it("ends with nothing after the time asked for", async () => {
      const queue = await suite.createQueue();
      const startedAt = performance.now();
      expect(await suite.receive(queue, { WaitTimeSeconds: 1 })).toEqual([]);
      expect(performance.now() - startedAt).toBeGreaterThan(900);
    });

    it("is up to twenty seconds", async () => {
      const queue = await suite.createQueue();
      for (const WaitTimeSeconds of [-1, 21]) {
        await expectError(suite.receive(queue, { WaitTimeSeconds }), "InvalidParameterValue");
      }
    });

    it("lasts as long as the queue says where the receive does not", async () => {
      const queue = await suite.createQueue({ ReceiveMessageWaitTimeSeconds: "20" });
      const waiting = suite.sqs.send(new ReceiveMessageCommand({ QueueUrl: queue.url }));
      await waitBeside(queue);
      await suite.send(queue, "here");
      expect((await waiting).Messages).toHaveLength(1);
    });

    it("gives each message to one of those who wait", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "600" });
      const waiting = numbered(3).map(() => suite.receive(queue, { WaitTimeSeconds: 20, MaxNumberOfMessages: 1 }));
      await suite.sendAll(queue, numbered(3));
      expect(bodiesOf((await Promise.all(waiting)).flat())).toEqual(numbered(3));
    });

    it("takes nothing for a client that has gone away", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "600" });
      const leaving = new AbortController();
      const left = suite.sqs.send(new ReceiveMessageCommand({ QueueUrl: queue.url, WaitTimeSeconds: 20 }), {
        abortSignal: leaving.signal,
      });
      await waitBeside(queue);
      leaving.abort();
      await expectError(left, "AbortError");
      await waitBeside(queue);
      await suite.send(queue, "for somebody else");
      expect((await suite.receiveOne(queue)).Attributes?.ApproximateReceiveCount).toBe("1");
    });

    it("ends for a message whose visibility timeout is over", async () => {
      const queue = await suite.createQueue();
      await suite.send(queue, "again");
      await suite.receiveOne(queue, { VisibilityTimeout: 1 });
      expect(bodiesOf(await suite.receive(queue, { WaitTimeSeconds: 20 }))).toEqual(["again"]);
    });

    it("ends for a delayed message when its delay is over, and not before", async () => {
      const queue = await suite.createQueue();
      const sentAt = performance.now();
      await suite.send(queue, "late", { DelaySeconds: 3 });
      expect(await suite.receive(queue, { WaitTimeSeconds: 0 })).toEqual([]);
      expect(bodiesOf(await suite.receiveAll(queue, 1, { WaitTimeSeconds: 20 }))).toEqual(["late"]);
      expect(performance.now() - sentAt).toBeGreaterThan(2_500);
    });

    it("is what a queue's delay asks for, unless the message has its own", async () => {
      const queue = await suite.createQueue({ DelaySeconds: "900" });
      await suite.send(queue, "much later");
      await suite.send(queue, "now", { DelaySeconds: 0 });
      expect(bodiesOf(await suite.receiveAll(queue, 1))).toEqual(["now"]);
      expect(await suite.receive(queue, { WaitTimeSeconds: 1 })).toEqual([]);
      await expectError(suite.send(queue, "never", { DelaySeconds: 901 }), "InvalidParameterValue");
    });
  });
}
