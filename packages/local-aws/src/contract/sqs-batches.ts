import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
} from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { expectError } from "./kms-suite.ts";
import { bodiesOf, numbered, type SqsSuite } from "./sqs-suite.ts";
import { itCan } from "./target.ts";

const MIB = 1_048_576;

export function describeBatches(suite: SqsSuite): void {
  const { target } = suite;
  const send = (QueueUrl: string, Entries: SendMessageBatchRequestEntry[]) =>
    suite.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  const entries = (count: number) => numbered(count).map((MessageBody, index) => ({ Id: `id-${index}`, MessageBody }));
  const failures = (failed: BatchResultErrorEntry[] | undefined) =>
    Object.fromEntries((failed ?? []).map(({ Id, Code }) => [Id, Code]));

  describe("batches", () => {
    it("answer each entry under its own id", async () => {
      const { url } = await suite.createQueue();
      const { Successful, Failed } = await send(url, entries(10));
      expect(Successful?.map(({ Id }) => Id).sort()).toEqual(entries(10).map(({ Id }) => Id));
      expect(new Set(Successful?.map(({ MessageId }) => MessageId)).size).toBe(10);
      expect(Failed ?? []).toEqual([]);
    });

    it("are refused as a whole when they are empty, too many, or their ids are not distinct and plain", async () => {
      const { url } = await suite.createQueue();
      await expectError(send(url, []), "EmptyBatchRequest");
      await expectError(send(url, entries(11)), "TooManyEntriesInBatchRequest");
      await expectError(
        send(url, [
          { Id: "same", MessageBody: "1" },
          { Id: "same", MessageBody: "2" },
        ]),
        "BatchEntryIdsNotDistinct",
      );
      for (const Id of ["with space", "a".repeat(81), ""]) {
        await expectError(send(url, [{ Id, MessageBody: "1" }]), "InvalidBatchEntryId");
      }
    });

    itCan(target, "sqs.large-messages", "are up to 1 MiB long together, and no longer", async () => {
      const queue = await suite.createQueue();
      const half = "x".repeat(MIB / 2);
      await expectError(
        send(queue.url, [
          { Id: "a", MessageBody: half },
          { Id: "b", MessageBody: `${half}x` },
        ]),
        "BatchRequestTooLong",
      );
      await send(queue.url, [
        { Id: "a", MessageBody: half },
        { Id: "b", MessageBody: half },
      ]);
      expect(await suite.receiveAll(queue, 2, { MaxNumberOfMessages: 1 })).toHaveLength(2);
    });

    it("send the good entries when others are bad", async () => {
      const queue = await suite.createQueue({ MaximumMessageSize: "1024" });
      const { Successful, Failed } = await send(queue.url, [
        { Id: "good-1", MessageBody: "good 1" },
        { Id: "too-long", MessageBody: "x".repeat(1025) },
        { Id: "characters", MessageBody: "\u0001" },
        { Id: "delay", MessageBody: "delay", DelaySeconds: 901 },
        { Id: "attribute", MessageBody: "a", MessageAttributes: { a: { DataType: "Number", StringValue: "b" } } },
        { Id: "good-2", MessageBody: "good 2" },
      ]);
      expect(Successful?.map(({ Id }) => Id)).toEqual(["good-1", "good-2"]);
      expect(failures(Failed)).toEqual({
        "too-long": "InvalidParameterValue",
        characters: "InvalidMessageContents",
        delay: "InvalidParameterValue",
        attribute: "InvalidParameterValue",
      });
      expect(Failed?.every(({ SenderFault }) => SenderFault)).toBe(true);
      expect(bodiesOf(await suite.receiveAll(queue, 2))).toEqual(["good 1", "good 2"]);
    });

    it("delete the good entries when others are bad", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "2" });
      await suite.sendAll(queue, numbered(3));
      const received = await suite.receiveAll(queue, 3);
      const Entries = received.slice(0, 2).map(({ ReceiptHandle }, index) => ({ Id: `good-${index}`, ReceiptHandle }));
      const { Successful, Failed } = await suite.sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl: queue.url,
          Entries: [...Entries, { Id: "bad", ReceiptHandle: "nonsense" }],
        }),
      );
      expect(Successful?.map(({ Id }) => Id)).toEqual(["good-0", "good-1"]);
      expect(failures(Failed)).toEqual({ bad: "ReceiptHandleIsInvalid" });
      // What was not deleted comes again, and only that.
      const again = await suite.receiveOne(queue, { WaitTimeSeconds: 10 });
      expect(again.Body).toBe(received[2]?.Body);
    });

    it("change the visibility of the good entries when others are bad", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "600" });
      await suite.sendAll(queue, numbered(2));
      const [first, second] = await suite.receiveAll(queue, 2);
      const { Successful, Failed } = await suite.sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: queue.url,
          Entries: [
            { Id: "good", ReceiptHandle: first?.ReceiptHandle, VisibilityTimeout: 0 },
            { Id: "too-long", ReceiptHandle: second?.ReceiptHandle, VisibilityTimeout: 43_201 },
            { Id: "bad", ReceiptHandle: "nonsense", VisibilityTimeout: 1 },
          ],
        }),
      );
      expect(Successful?.map(({ Id }) => Id)).toEqual(["good"]);
      expect(failures(Failed)).toEqual({ "too-long": "InvalidParameterValue", bad: "ReceiptHandleIsInvalid" });
      expect((await suite.receiveOne(queue)).Body).toBe(first?.Body);
    });
  });
}
