import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  paginateListQueues,
  QueueDoesNotExist,
  QueueNameExists,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import { expectError } from "./kms-suite.ts";
import { type Attributes, eventually, numbered, type SqsSuite } from "./sqs-suite.ts";
import { itCan } from "./target.ts";

export function describeQueues(suite: SqsSuite): void {
  const { target } = suite;
  const set = (QueueUrl: string, attributes: Attributes) =>
    suite.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: attributes }));

  describe("queues", () => {
    it("are the same queue when they are created again with equal attributes, or none", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "45", DelaySeconds: "3" });
      for (const Attributes of [{ VisibilityTimeout: "45", DelaySeconds: "3" }, {}]) {
        const again = await suite.sqs.send(new CreateQueueCommand({ QueueName: queue.name, Attributes }));
        expect(again.QueueUrl).toBe(queue.url);
      }
    });

    it("are not created again with other attributes", async () => {
      const { name } = await suite.createQueue({ VisibilityTimeout: "45" });
      const create = new CreateQueueCommand({ QueueName: name, Attributes: { VisibilityTimeout: "46" } });
      await expect(suite.sqs.send(create)).rejects.toBeInstanceOf(QueueNameExists);
    });

    it("have names of 1 to 80 letters, digits, hyphens and underscores", async () => {
      for (const QueueName of ["with space", "a".repeat(81), "dot.ted"]) {
        await expectError(suite.sqs.send(new CreateQueueCommand({ QueueName })), "InvalidParameterValue");
      }
    });

    it("are found by name, and those that do not exist are told apart", async () => {
      const { name, url } = await suite.createQueue();
      const find = (QueueName: string) => suite.sqs.send(new GetQueueUrlCommand({ QueueName }));
      expect((await find(name)).QueueUrl).toBe(url);
      await expect(find(suite.newName())).rejects.toBeInstanceOf(QueueDoesNotExist);
      await expect(suite.send({ name, arn: "", url: `${url}-not` }, "lost")).rejects.toBeInstanceOf(QueueDoesNotExist);
    });

    itCan(target, "sqs.list-pages", "are listed by prefix, each once over all pages", async () => {
      const prefix = `${suite.newName().slice(0, -6)}-list-`;
      const urls: string[] = [];
      for (const name of numbered(5, prefix)) urls.push((await suite.createQueue({}, name.replace(" ", "_"))).url);
      const list = async () => {
        const listed: string[] = [];
        const pages = paginateListQueues({ client: suite.sqs, pageSize: 2 }, { QueueNamePrefix: prefix });
        for await (const page of pages) listed.push(...(page.QueueUrls ?? []));
        return listed.sort();
      };
      await eventually(async () => expect(await list()).toEqual(urls.sort()));
      const all = await suite.sqs.send(new ListQueuesCommand({ QueueNamePrefix: prefix }));
      expect(all.QueueUrls?.toSorted()).toEqual(urls.sort());
      expect(all.NextToken).toBeUndefined();
    });

    it("tell their attributes, with defaults for what was not set", async () => {
      const queue = await suite.createQueue({ VisibilityTimeout: "45" });
      expect(await suite.attributes(queue, "All")).toMatchObject({
        VisibilityTimeout: "45",
        DelaySeconds: "0",
        MaximumMessageSize: target.real ? expect.any(String) : "1048576",
        MessageRetentionPeriod: "345600",
        ReceiveMessageWaitTimeSeconds: "0",
        ApproximateNumberOfMessages: "0",
        ApproximateNumberOfMessagesNotVisible: "0",
        ApproximateNumberOfMessagesDelayed: "0",
        CreatedTimestamp: expect.stringMatching(/^\d{10}$/),
        LastModifiedTimestamp: expect.stringMatching(/^\d{10}$/),
        QueueArn: expect.stringMatching(new RegExp(`^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\\d{12}:${queue.name}$`)),
      });
      expect(await suite.attributes(queue, "VisibilityTimeout")).toEqual({ VisibilityTimeout: "45" });
      expect(await suite.attributes(queue)).toEqual({});
    });

    it("take new attributes, and refuse impossible ones as a whole", async () => {
      const queue = await suite.createQueue();
      await set(queue.url, { VisibilityTimeout: "10", MaximumMessageSize: "2048", DelaySeconds: "1" });
      await eventually(async () =>
        expect(await suite.attributes(queue, "VisibilityTimeout", "MaximumMessageSize", "DelaySeconds")).toEqual({
          VisibilityTimeout: "10",
          MaximumMessageSize: "2048",
          DelaySeconds: "1",
        }),
      );
      for (const [name, value] of [
        ["VisibilityTimeout", "43201"],
        ["DelaySeconds", "901"],
        ["MaximumMessageSize", "1048577"],
        ["MessageRetentionPeriod", "59"],
        ["ReceiveMessageWaitTimeSeconds", "21"],
        ["VisibilityTimeout", "soon"],
      ]) {
        const refused = set(queue.url, { DelaySeconds: "5", [String(name)]: value });
        await expectError(refused, "InvalidAttributeValue");
      }
      expect(await suite.attributes(queue, "DelaySeconds")).toEqual({ DelaySeconds: "1" });
      // A name that the SDK's types do not know.
      const unknown = { ["Unheard" as string]: "of" };
      await expectError(set(queue.url, unknown), "InvalidAttributeName");
    });

    it("have encryption by a KMS key or by SQS's own", async () => {
      const queue = await suite.createQueue();
      const read = () => suite.attributes(queue, "KmsMasterKeyId", "SqsManagedSseEnabled");
      expect(await read()).toEqual({ SqsManagedSseEnabled: "true" });
      await set(queue.url, { KmsMasterKeyId: "alias/aws/sqs" });
      await eventually(async () =>
        expect(await read()).toEqual({ KmsMasterKeyId: "alias/aws/sqs", SqsManagedSseEnabled: "false" }),
      );
    });

    itCan(target, "sqs.tags", "carry tags", async () => {
      const { url } = await suite.createQueue();
      const tags = async () => (await suite.sqs.send(new ListQueueTagsCommand({ QueueUrl: url }))).Tags ?? {};
      await suite.sqs.send(new TagQueueCommand({ QueueUrl: url, Tags: { team: "one", env: "test" } }));
      await suite.sqs.send(new TagQueueCommand({ QueueUrl: url, Tags: { team: "two" } }));
      await eventually(async () => expect(await tags()).toEqual({ team: "two", env: "test" }));
      await suite.sqs.send(new UntagQueueCommand({ QueueUrl: url, TagKeys: ["env", "none"] }));
      await eventually(async () => expect(await tags()).toEqual({ team: "two" }));
    });

    it("count what is visible, in flight and delayed", async () => {
      const queue = await suite.createQueue();
      await suite.sendAll(queue, numbered(5));
      await suite.send(queue, "later", { DelaySeconds: 900 });
      const taken = await suite.receiveAll(queue, 2, { MaxNumberOfMessages: 2 });
      const counts = () =>
        suite.attributes(
          queue,
          "ApproximateNumberOfMessages",
          "ApproximateNumberOfMessagesNotVisible",
          "ApproximateNumberOfMessagesDelayed",
        );
      await eventually(
        async () =>
          expect(await counts()).toEqual({
            ApproximateNumberOfMessages: String(5 - taken.length),
            ApproximateNumberOfMessagesNotVisible: String(taken.length),
            ApproximateNumberOfMessagesDelayed: "1",
          }),
        120_000,
      );
    });

    itCan(target, "sqs.purge-pause", "lose all messages when they are purged, once in a minute", async () => {
      const queue = await suite.createQueue();
      await suite.sendAll(queue, numbered(3));
      await suite.receiveAll(queue, 1, { MaxNumberOfMessages: 1 });
      await suite.sqs.send(new PurgeQueueCommand({ QueueUrl: queue.url }));
      await expectError(suite.sqs.send(new PurgeQueueCommand({ QueueUrl: queue.url })), "PurgeQueueInProgress");
      await eventually(async () => expect(await suite.receive(queue, { WaitTimeSeconds: 0 })).toEqual([]), 90_000);
    });

    itCan(
      target,
      "sqs.recreate-pause",
      "are gone when they are deleted, and so is their name for a minute",
      async () => {
        const { name, url } = await suite.createQueue();
        await suite.sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
        const find = new GetQueueUrlCommand({ QueueName: name });
        await eventually(() => expectError(suite.sqs.send(find), "QueueDoesNotExist"));
        await expectError(suite.sqs.send(new CreateQueueCommand({ QueueName: name })), "QueueDeletedRecently");
      },
    );
  });
}
