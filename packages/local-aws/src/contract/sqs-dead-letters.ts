import { CreateQueueCommand, ListDeadLetterSourceQueuesCommand } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { expectError } from "./kms-suite.ts";
import { eventually, type SqsSuite } from "./sqs-suite.ts";
import { itCan } from "./target.ts";

export function describeDeadLetters(suite: SqsSuite): void {
  const { target } = suite;

  describe("dead-letter queues", () => {
    it("get what was received as often as allowed, with its source, history and attributes", async () => {
      const [source, dead] = await suite.createWithDeadLetters(2, { VisibilityTimeout: "600" });
      const MessageAttributes = { reason: { DataType: "String", StringValue: "none" } };
      const sent = await suite.send(source, "poison", { MessageAttributes });
      for (const count of ["1", "2"]) {
        const { ReceiptHandle, Attributes } = await suite.receiveOne(source);
        expect(Attributes?.ApproximateReceiveCount).toBe(count);
        await suite.hide(source, ReceiptHandle, 0);
      }
      // The move happens when somebody would receive it once more.
      expect(await suite.receive(source, { WaitTimeSeconds: 1 })).toEqual([]);
      const letter = await suite.receiveOne(dead, { MessageAttributeNames: ["All"] });
      expect(letter).toMatchObject({ MessageId: sent.MessageId, Body: "poison", MessageAttributes });
      expect(letter.Attributes).toMatchObject({
        DeadLetterQueueSourceArn: source.arn,
        ApproximateReceiveCount: "3",
      });
    });

    it("wake who waits there", async () => {
      const [source, dead] = await suite.createWithDeadLetters(1, { VisibilityTimeout: "600" });
      const waiting = suite.receive(dead, { WaitTimeSeconds: 20 });
      await suite.send(source, "poison");
      const { ReceiptHandle } = await suite.receiveOne(source);
      await suite.hide(source, ReceiptHandle, 0);
      await suite.receive(source, { WaitTimeSeconds: 1 });
      expect((await waiting).map(({ Body }) => Body)).toEqual(["poison"]);
    });

    it("do not get what is deleted in its last receive", async () => {
      const [source, dead] = await suite.createWithDeadLetters(1, { VisibilityTimeout: "1" });
      await suite.send(source, "saved");
      const { ReceiptHandle } = await suite.receiveOne(source);
      await suite.delete(source, ReceiptHandle);
      expect(await suite.receive(source, { WaitTimeSeconds: 2 })).toEqual([]);
      expect(await suite.receive(dead, { WaitTimeSeconds: 0 })).toEqual([]);
    });

    it("are shown in the policy of the source, and list their sources", async () => {
      const [source, dead] = await suite.createWithDeadLetters(7);
      const { RedrivePolicy } = await suite.attributes(source, "RedrivePolicy");
      expect(JSON.parse(RedrivePolicy ?? "")).toEqual({ deadLetterTargetArn: dead.arn, maxReceiveCount: 7 });
      const list = async () =>
        (await suite.sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead.url }))).queueUrls;
      await eventually(async () => expect(await list()).toEqual([source.url]));
    });

    itCan(target, "sqs.dead-letter-check", "must exist, and the count must be possible", async () => {
      const dead = await suite.createQueue();
      const create = (policy: unknown) =>
        suite.sqs.send(
          new CreateQueueCommand({
            QueueName: suite.newName(),
            Attributes: { RedrivePolicy: JSON.stringify(policy) },
          }),
        );
      for (const policy of [
        { deadLetterTargetArn: `${dead.arn}-not`, maxReceiveCount: 3 },
        { deadLetterTargetArn: "nonsense", maxReceiveCount: 3 },
        { deadLetterTargetArn: dead.arn, maxReceiveCount: 0 },
        { deadLetterTargetArn: dead.arn, maxReceiveCount: 1001 },
        { deadLetterTargetArn: dead.arn },
      ]) {
        await expectError(create(policy), "InvalidParameterValue");
      }
    });
  });
}
