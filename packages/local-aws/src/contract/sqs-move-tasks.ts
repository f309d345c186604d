import {
  CancelMessageMoveTaskCommand,
  ListMessageMoveTasksCommand,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { describe, expect } from "vitest";
import { expectError } from "./kms-suite.ts";
import { bodiesOf, eventually, type KnownQueue, numbered, type SqsSuite } from "./sqs-suite.ts";
import { itCan } from "./target.ts";

const CAN = "sqs.move-tasks";

export function describeMoveTasks(suite: SqsSuite): void {
  const { target } = suite;
  const start = async (source: KnownQueue, destination?: KnownQueue, perSecond?: number) => {
    const command = new StartMessageMoveTaskCommand({
      SourceArn: source.arn,
      ...(destination && { DestinationArn: destination.arn }),
      ...(perSecond !== undefined && { MaxNumberOfMessagesPerSecond: perSecond }),
    });
    return (await suite.sqs.send(command)).TaskHandle;
  };
  const latest = async (source: KnownQueue) => {
    const { Results } = await suite.sqs.send(new ListMessageMoveTasksCommand({ SourceArn: source.arn }));
    return Results?.[0];
  };
  /** Sends messages and lets them die. */
  async function kill(source: KnownQueue, count: number): Promise<void> {
    await suite.sendAll(source, numbered(count));
    for (const { ReceiptHandle } of await suite.receiveAll(source, count)) await suite.hide(source, ReceiptHandle, 0);
    await suite.receive(source, { WaitTimeSeconds: 1 });
  }

  describe("move tasks", () => {
    itCan(target, CAN, "take dead letters back to where they came from, as new messages", async () => {
      const [source, dead] = await suite.createWithDeadLetters(1, { VisibilityTimeout: "600" });
      await kill(source, 3);
      await start(dead);
      await eventually(async () => expect(await latest(dead)).toMatchObject({ Status: "COMPLETED" }));
      expect(await latest(dead)).toMatchObject({ SourceArn: dead.arn, StartedTimestamp: expect.any(Number) });
      const moved = await suite.receiveAll(source, 3);
      expect(bodiesOf(moved)).toEqual(numbered(3));
      for (const { Attributes } of moved) {
        expect(Attributes?.ApproximateReceiveCount).toBe("1");
        expect(Attributes?.DeadLetterQueueSourceArn).toBeUndefined();
      }
    });

    itCan(target, CAN, "take what lies in a dead-letter queue to a queue of choice", async () => {
      const [, dead] = await suite.createWithDeadLetters(1);
      const elsewhere = await suite.createQueue();
      const MessageAttributes = { reason: { DataType: "String", StringValue: "JOBS_SOMETHING" } };
      await suite.send(dead, "sent here by a consumer", { MessageAttributes });
      await start(dead, elsewhere);
      const moved = await suite.receiveOne(elsewhere, { MessageAttributeNames: ["All"], WaitTimeSeconds: 20 });
      expect(moved).toMatchObject({ Body: "sent here by a consumer", MessageAttributes });
    });

    itCan(target, CAN, "fail where a message has no source to go back to, and leave it", async () => {
      const [, dead] = await suite.createWithDeadLetters(1);
      await suite.send(dead, "sent here by a consumer");
      await start(dead);
      await eventually(async () =>
        expect(await latest(dead)).toMatchObject({
          Status: "FAILED",
          FailureReason: expect.any(String),
        }),
      );
      expect((await suite.receiveOne(dead, { WaitTimeSeconds: 20 })).Body).toBe("sent here by a consumer");
    });

    itCan(target, CAN, "keep to their rate, run one at a time, and can be cancelled", async () => {
      const [source, dead] = await suite.createWithDeadLetters(1);
      await suite.sendAll(dead, numbered(10));
      const TaskHandle = await start(dead, source, 1);
      expect(await latest(dead)).toMatchObject({ Status: "RUNNING", TaskHandle, MaxNumberOfMessagesPerSecond: 1 });
      await expectError(start(dead, source), "InvalidParameterValue");
      const cancelled = await suite.sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
      expect(cancelled.ApproximateNumberOfMessagesMoved).toBeLessThan(10);
      await eventually(async () => expect(await latest(dead)).toMatchObject({ Status: "CANCELLED" }));
      expect((await latest(dead))?.TaskHandle).toBeUndefined();
    });

    itCan(target, CAN, "start from a dead-letter queue only, and end at a queue that exists", async () => {
      const [source, dead] = await suite.createWithDeadLetters(1);
      const absent = { ...dead, arn: `${dead.arn}-not` };
      await expectError(start(source), "InvalidParameterValue");
      await expectError(start(absent), "ResourceNotFoundException");
      await expectError(start(dead, absent), "ResourceNotFoundException");
      const cancel = new CancelMessageMoveTaskCommand({ TaskHandle: "nonsense" });
      await expectError(suite.sqs.send(cancel), "InvalidParameterValue");
    });
  });
}
