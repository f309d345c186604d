import { describe, expect, it } from "vitest";
import { errorName, expectError } from "./kms-suite.ts";
import type { SqsSuite } from "./sqs-suite.ts";
import { itCan } from "./target.ts";

export function describeVisibility(suite: SqsSuite): void {
  const { target } = suite;

  describe("a received message", () => {
    it("is hidden until its visibility timeout is over, then comes again under another receipt handle", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "3" });
      await suite.send(queue, "again");
      const first = await suite.receiveOne(queue);
      const receivedAt = performance.now();
      expect(await suite.receive(queue, { WaitTimeSeconds: 0 })).toEqual([]);
      const second = await suite.receiveOne(queue, { WaitTimeSeconds: 10 });
      expect(performance.now() - receivedAt).toBeGreaterThan(2_000);
      expect(second).toMatchObject({ MessageId: first.MessageId, Body: "again" });
      expect(second.ReceiptHandle).not.toBe(first.ReceiptHandle);
      expect(second.Attributes).toMatchObject({
        ApproximateReceiveCount: "2",
        SentTimestamp: first.Attributes?.SentTimestamp,
        ApproximateFirstReceiveTimestamp: first.Attributes?.ApproximateFirstReceiveTimestamp,
      });
    });

    it("is hidden for as long as the receive asks for", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "600" });
      await suite.send(queue, "again");
      await suite.receiveOne(queue, { VisibilityTimeout: 1 });
      const again = await suite.receiveOne(queue, { WaitTimeSeconds: 10 });
      expect(again.Attributes?.ApproximateReceiveCount).toBe("2");
    });

    it("comes again at once when its visibility is set to 0", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "600" });
      await suite.send(queue, "again");
      const { ReceiptHandle } = await suite.receiveOne(queue);
      await suite.hide(queue, ReceiptHandle, 0);
      expect((await suite.receiveOne(queue)).Attributes?.ApproximateReceiveCount).toBe("2");
    });

    it("stays hidden when its visibility is extended, counted from then", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "3" });
      await suite.send(queue, "held");
      const { ReceiptHandle } = await suite.receiveOne(queue);
      await suite.hide(queue, ReceiptHandle, 600);
      expect(await suite.receive(queue, { WaitTimeSeconds: 4 })).toEqual([]);
      await suite.delete(queue, ReceiptHandle);
    });

    it("is never hidden for more than twelve hours", async () => {
      const queue = await suite.createQueue();
      await suite.send(queue, "held");
      const { ReceiptHandle } = await suite.receiveOne(queue);
      await expectError(suite.hide(queue, ReceiptHandle, 43_201), "InvalidParameterValue");
      await expectError(suite.hide(queue, ReceiptHandle, -1), "InvalidParameterValue");
      await suite.hide(queue, ReceiptHandle, 43_200 - 60);
    });

    it("is gone when it is deleted, and deleting it again is no error", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "1" });
      await suite.send(queue, "done");
      const { ReceiptHandle } = await suite.receiveOne(queue);
      await suite.delete(queue, ReceiptHandle);
      await suite.delete(queue, ReceiptHandle);
      expect(await suite.receive(queue, { WaitTimeSeconds: 2 })).toEqual([]);
    });

    it("can be deleted after it has become visible again, if nobody has received it since", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "600" });
      await suite.send(queue, "done");
      const { ReceiptHandle } = await suite.receiveOne(queue);
      await suite.hide(queue, ReceiptHandle, 0);
      await suite.delete(queue, ReceiptHandle);
      expect(await suite.receive(queue, { WaitTimeSeconds: 1 })).toEqual([]);
    });

    itCan(
      target,
      "sqs.stale-receipts",
      "is kept when somebody deletes it by the handle of an earlier receive",
      async () => {
        const queue = await suite.createQueue({ VisibilityTimeout: "600" });
        await suite.send(queue, "mine now");
        const first = await suite.receiveOne(queue, { VisibilityTimeout: 1 });
        const second = await suite.receiveOne(queue, { WaitTimeSeconds: 10 });
        await suite.delete(queue, first.ReceiptHandle);
        await suite.hide(queue, second.ReceiptHandle, 0);
        expect((await suite.receiveOne(queue)).Attributes?.ApproximateReceiveCount).toBe("3");
      },
    );

    itCan(target, "sqs.stale-receipts", "is not held by the handle of an earlier receive", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "600" });
      await suite.send(queue, "mine now");
      const first = await suite.receiveOne(queue, { VisibilityTimeout: 1 });
      const second = await suite.receiveOne(queue, { WaitTimeSeconds: 10, VisibilityTimeout: 1 });
      await expectError(suite.hide(queue, first.ReceiptHandle, 600), "InvalidParameterValue");
      await suite.receiveOne(queue, { WaitTimeSeconds: 10 });
      await suite.delete(queue, second.ReceiptHandle);
    });

    itCan(target, "sqs.not-in-flight", "is not hidden again once it is visible", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "600" });
      await suite.send(queue, "visible");
      const { ReceiptHandle } = await suite.receiveOne(queue);
      await suite.hide(queue, ReceiptHandle, 0);
      // AWS documents MessageNotInflight, and was also seen to succeed without effect.
      const outcome = await errorName(suite.hide(queue, ReceiptHandle, 600));
      expect(["MessageNotInflight", "no error"]).toContain(outcome);
      await suite.receiveOne(queue);
    });

    it("is named by its receipt handle only, and by no other queue's", async () => {
      const [queue, other] = [await suite.createQueue(), await suite.createQueue()];
      await suite.send(queue, "here");
      const { ReceiptHandle, MessageId } = await suite.receiveOne(queue);
      for (const handle of ["nonsense", MessageId]) {
        await expectError(suite.delete(queue, handle), "ReceiptHandleIsInvalid");
        await expectError(suite.hide(queue, handle, 1), "ReceiptHandleIsInvalid");
      }
      await expectError(suite.delete(other, ReceiptHandle), "ReceiptHandleIsInvalid");
    });
  });
}
