import { createHash } from "node:crypto";
import type { MessageAttributeValue } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { expectError } from "./kms-suite.ts";
import { bodiesOf, numbered, type SqsSuite } from "./sqs-suite.ts";
import { itCan } from "./target.ts";

const MIB = 1_048_576;

export function describeMessages(suite: SqsSuite): void {
  const { target } = suite;
  const text = (StringValue: string, DataType = "String"): MessageAttributeValue => ({ DataType, StringValue });

  describe("messages", () => {
    it("come back as they were sent", async () => {
      const queue = await suite.createQueue();
      const body = 'tab\t, newline\n, "quotes", <xml>&amp;, ünïcödé, 漢字, 🗝️\u{1F510}, \uFFFD';
      const before = Date.now();
      const sent = await suite.send(queue, body);
      const received = await suite.receiveOne(queue);
      expect(received).toMatchObject({ Body: body, MessageId: sent.MessageId });
      expect(received.MD5OfBody).toBe(createHash("md5").update(body).digest("hex"));
      expect(sent.MD5OfMessageBody).toBe(received.MD5OfBody);
      expect(sent.MD5OfMessageAttributes).toBeUndefined();
      const { ApproximateReceiveCount, SentTimestamp, ApproximateFirstReceiveTimestamp } = received.Attributes ?? {};
      expect(ApproximateReceiveCount).toBe("1");
      // The clocks of two machines may differ.
      expect(Number(SentTimestamp)).toBeGreaterThan(before - 60_000);
      expect(Number(ApproximateFirstReceiveTimestamp)).toBeGreaterThanOrEqual(Number(SentTimestamp));
    });

    it("carry attributes, with the digests that SQS documents", async () => {
      const queue = await suite.createQueue();
      const attributes = { General: text("Kenobi"), Hello: text("There"), "Help.Me": text("Me") };
      const sent = await suite.send(queue, "msg", { MessageAttributes: attributes });
      expect(sent.MD5OfMessageBody).toBe("6e2baaf3b97dbeef01c0043275f9a0e7");
      expect(sent.MD5OfMessageAttributes).toBe("4c360f3fdafd970e05fae2f149d997f5");
      const received = await suite.receiveOne(queue, { MessageAttributeNames: ["All"] });
      expect(received.MessageAttributes).toEqual(attributes);
      expect(received.MD5OfMessageAttributes).toBe("4c360f3fdafd970e05fae2f149d997f5");
    });

    it("carry binary and number attributes, with types of their own", async () => {
      const queue = await suite.createQueue();
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      const attributes = {
        bytes: { DataType: "Binary.gif", BinaryValue: bytes },
        count: text("-12.5e3", "Number.float"),
        note: text("ünïcödé", "String.note"),
      };
      const { MD5OfMessageAttributes } = await suite.send(queue, "msg", { MessageAttributes: attributes });
      const sized = (part: string | Uint8Array) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(Buffer.from(part).length);
        return Buffer.concat([length, Buffer.from(part)]);
      };
      const encode = (name: string, type: string, transport: number, value: string | Uint8Array) =>
        Buffer.concat([sized(name), sized(type), Buffer.of(transport), sized(value)]);
      const encoded = Buffer.concat([
        encode("bytes", "Binary.gif", 2, bytes),
        encode("count", "Number.float", 1, "-12.5e3"),
        encode("note", "String.note", 1, "ünïcödé"),
      ]);
      expect(MD5OfMessageAttributes).toBe(createHash("md5").update(encoded).digest("hex"));
      const { MessageAttributes } = await suite.receiveOne(queue, { MessageAttributeNames: [".*"] });
      expect(MessageAttributes).toMatchObject({ count: attributes.count, note: attributes.note });
      expect(Buffer.from(MessageAttributes?.bytes?.BinaryValue ?? [])).toEqual(Buffer.from(bytes));
    });

    it("show the attributes that are asked for, and the digest of those", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "0" });
      const MessageAttributes = { General: text("Kenobi"), Hello: text("There"), "Help.Me": text("Me") };
      await suite.send(queue, "msg", { MessageAttributes });
      const ask = (...MessageAttributeNames: string[]) => suite.receiveOne(queue, { MessageAttributeNames });
      expect(await ask("Hel.*")).toMatchObject({
        MD5OfMessageAttributes: "83fee93c1bcd8b9a5a923ffacdc636c7",
        MessageAttributes: { Hello: text("There"), "Help.Me": text("Me") },
      });
      expect(await ask("Hello", "Absent")).toMatchObject({
        MD5OfMessageAttributes: "a311262e065454b75da111d535b8dacd",
        MessageAttributes: { Hello: text("There") },
      });
      for (const none of [await ask("Absent"), await ask()]) {
        expect(none.MessageAttributes).toBeUndefined();
        expect(none.MD5OfMessageAttributes).toBeUndefined();
      }
    });

    it("show the system attributes that are asked for", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "0" });
      await suite.send(queue, "msg");
      const some = await suite.receiveOne(queue, { MessageSystemAttributeNames: ["SentTimestamp"] });
      expect(Object.keys(some.Attributes ?? {})).toEqual(["SentTimestamp"]);
      const none = await suite.receiveOne(queue, { MessageSystemAttributeNames: [] });
      expect(none.Attributes).toBeUndefined();
    });

    itCan(target, "sqs.trace-header", "carry a trace header, apart from their attributes", async () => {
      const queue = await suite.createQueue();
      const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
      const sent = await suite.send(queue, "msg", { MessageSystemAttributes: { AWSTraceHeader: text(header) } });
      expect(sent.MD5OfMessageSystemAttributes).toMatch(/^[0-9a-f]{32}$/);
      expect((await suite.receiveOne(queue)).Attributes?.AWSTraceHeader).toBe(header);
    });

    itCan(target, "sqs.group-id", "carry a group on standard queues too", async () => {
      const queue = await suite.createQueue();
      await suite.send(queue, "msg", { MessageGroupId: "tenant-1" });
      expect((await suite.receiveOne(queue)).Attributes?.MessageGroupId).toBe("tenant-1");
      await expectError(suite.send(queue, "msg", { MessageGroupId: "with space" }), "InvalidParameterValue");
    });

    it("are refused with characters that XML has not, or without a body", async () => {
      const queue = await suite.createQueue();
      for (const body of ["\u0000", "a\u0008b", "\uFFFE", "\uFFFF"]) {
        await expectError(suite.send(queue, body), "InvalidMessageContents");
      }
      await expectError(suite.send(queue, ""), "MissingParameter", "InvalidParameterValue");
    });

    it("are refused with attributes that break the rules", async () => {
      const queue = await suite.createQueue();
      const impossible: Record<string, MessageAttributeValue>[] = [
        { empty: text("") },
        { type: text("value", "Text") },
        { number: text("twelve", "Number") },
        { "AWS.name": text("value") },
        { ".dot": text("value") },
        { "two..dots": text("value") },
        { "with space": text("value") },
        Object.fromEntries(numbered(11, "n").map((name) => [name.replace(" ", ""), text("value")])),
      ];
      for (const MessageAttributes of impossible) {
        await expectError(suite.send(queue, "msg", { MessageAttributes }), "InvalidParameterValue");
      }
    });

    itCan(target, "sqs.large-messages", "are up to 1 MiB long with their attributes, and no longer", async () => {
      const queue = await suite.createQueue();
      const attributes = { name: text("value") };
      const attributeBytes = "name".length + "String".length + "value".length;
      const body = "é".repeat(MIB / 2 - 8) + "x".repeat(16 - attributeBytes);
      expect(Buffer.byteLength(body) + attributeBytes).toBe(MIB);
      await suite.send(queue, body, { MessageAttributes: attributes });
      expect((await suite.receiveOne(queue)).Body === body).toBe(true);
      await expectError(suite.send(queue, `${body}x`, { MessageAttributes: attributes }), "InvalidParameterValue");
    });

    it("are no longer than their queue allows", async () => {
      const queue = await suite.createQueue({ MaximumMessageSize: "1024" });
      await suite.send(queue, "x".repeat(1024));
      await expectError(suite.send(queue, "x".repeat(1025)), "InvalidParameterValue");
    });

    it("come up to ten at a time", async () => {
      const queue = await suite.createQueue();
      await suite.sendAll(queue, numbered(25));
      const some = await suite.receive(queue);
      expect(some.length).toBeLessThanOrEqual(10);
      const rest = await suite.receiveAll(queue, 25 - some.length);
      expect(bodiesOf([...some, ...rest])).toEqual(numbered(25));
      for (const MaxNumberOfMessages of [0, 11]) {
        await expectError(suite.receive(queue, { MaxNumberOfMessages }), "InvalidParameterValue");
      }
    });

    itCan(target, "sqs.exactly-once", "go to one of many consumers each, and none is left out", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "600" });
      const count = 300;
      await suite.sendAll(queue, numbered(count));
      const consumers = Array.from({ length: 8 }, async () => {
        const mine: string[] = [];
        for (;;) {
          const messages = await suite.receive(queue, { WaitTimeSeconds: 1 });
          if (messages.length === 0) return mine;
          for (const { Body, ReceiptHandle } of messages) {
            mine.push(Body ?? "");
            await suite.delete(queue, ReceiptHandle);
          }
        }
      });
      const consumed = (await Promise.all(consumers)).flat();
      expect(consumed.sort()).toEqual(numbered(count));
    });
  });
}
