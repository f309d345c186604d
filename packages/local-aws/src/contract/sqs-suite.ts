/** What the parts of the SQS suite share: an open target, queues that are deleted afterwards, and short ways to call. */
import { randomUUID } from "node:crypto";
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  type QueueAttributeName,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  type SendMessageCommandOutput,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, vi } from "vitest";
import { defined } from "./kms-suite.ts";
import type { ContractTarget, OpenTarget } from "./target.ts";

export type Attributes = Partial<Record<QueueAttributeName, string>>;
type ReceiveOptions = Omit<ReceiveMessageCommandInput, "QueueUrl">;
type SendOptions = Omit<SendMessageCommandInput, "QueueUrl" | "MessageBody">;

export interface KnownQueue {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
}

export interface SqsSuite {
  readonly target: ContractTarget;
  readonly sqs: SQSClient;
  /** A name that nobody has, the same prefix for all of this run. */
  newName(): string;
  readonly prefix: string;
  /** Creates a queue that is deleted after the suite. */
  createQueue(attributes?: Attributes, name?: string): Promise<KnownQueue>;
  /** A queue that gives messages to a second one after `maxReceiveCount` receives. */
  createWithDeadLetters(maxReceiveCount: number, attributes?: Attributes): Promise<[KnownQueue, KnownQueue]>;
  attributes(queue: KnownQueue, ...names: QueueAttributeName[]): Promise<Attributes>;
  send(queue: KnownQueue, body: string, options?: SendOptions): Promise<SendMessageCommandOutput>;
  /** Sends any number in batches. */
  sendAll(queue: KnownQueue, bodies: readonly string[]): Promise<void>;
  /** One receive; waits up to two seconds where nothing else is asked for. */
  receive(queue: KnownQueue, options?: ReceiveOptions): Promise<Message[]>;
  /** Receives until there are `count` messages, or half a minute is over. */
  receiveAll(queue: KnownQueue, count: number, options?: ReceiveOptions): Promise<Message[]>;
  /** Exactly one. */
  receiveOne(queue: KnownQueue, options?: ReceiveOptions): Promise<Message>;
  delete(queue: KnownQueue, receiptHandle: string | undefined): Promise<void>;
  hide(queue: KnownQueue, receiptHandle: string | undefined, seconds: number): Promise<void>;
}

/** To be called within a `describe`: opens the target before its tests and cleans up after them. */
export function useSqs(target: ContractTarget): SqsSuite {
  let opened: OpenTarget | undefined;
  const created: string[] = [];
  const prefix = `dekhand-contract-${randomUUID().slice(0, 8)}-`;

  const suite: SqsSuite = {
    target,
    prefix,
    get sqs() {
      return defined(opened).sqs();
    },
    newName: () => prefix + randomUUID(),
    async createQueue(attributes = {}, name = suite.newName()) {
      const create = new CreateQueueCommand({ QueueName: name, Attributes: attributes });
      const url = defined((await suite.sqs.send(create)).QueueUrl);
      created.push(url);
      const { QueueArn: arn } = await suite.attributes({ name, url, arn: "" }, "QueueArn");
      return { name, url, arn: defined(arn) };
    },
    async createWithDeadLetters(maxReceiveCount, attributes = {}) {
      const dead = await suite.createQueue();
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount });
      return [await suite.createQueue({ ...attributes, RedrivePolicy }), dead];
    },
    async attributes({ url }, ...names) {
      const ask = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: names });
      return (await suite.sqs.send(ask)).Attributes ?? {};
    },
    send: ({ url }, body, options) =>
      suite.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body, ...options })),
    async sendAll({ url }, bodies) {
      for (let at = 0; at < bodies.length; at += 10) {
        const Entries = bodies.slice(at, at + 10).map((body, index) => ({ Id: `e${index}`, MessageBody: body }));
        const { Failed } = await suite.sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));
        if (Failed?.length) throw new Error("a message of the batch was not taken");
      }
    },
    async receive({ url }, options) {
      const ask = new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 2,
        MessageSystemAttributeNames: ["All"],
        ...options,
      });
      return (await suite.sqs.send(ask)).Messages ?? [];
    },
    async receiveAll(queue, count, options) {
      const received: Message[] = [];
      const giveUpAt = performance.now() + 30_000;
      while (received.length < count && performance.now() < giveUpAt) {
        received.push(...(await suite.receive(queue, options)));
      }
      return received;
    },
    async receiveOne(queue, options) {
      const [message, ...more] = await suite.receiveAll(queue, 1, options);
      if (more.length > 0) throw new Error("there are more messages than one");
      return defined(message);
    },
    async delete({ url }, receiptHandle) {
      await suite.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receiptHandle }));
    },
    async hide({ url }, receiptHandle, seconds) {
      const change = { QueueUrl: url, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds };
      await suite.sqs.send(new ChangeMessageVisibilityCommand(change));
    },
  };

  beforeAll(async () => {
    opened = await target.open();
  });
  afterAll(async () => {
    for (const url of created) {
      // One that a test has deleted already answers an error, which is fine.
      await opened
        ?.sqs()
        .send(new DeleteQueueCommand({ QueueUrl: url }))
        .catch(() => undefined);
    }
    await opened?.close();
  });
  return suite;
}

/**
 * Tries until the assertions hold: AWS needs up to a minute for what it calls
 * eventual. (`expect.poll` is for tests that run one after the other.)
 */
export function eventually(assert: () => Promise<void>, timeoutMs = 60_000): Promise<void> {
  return vi.waitFor(assert, { timeout: timeoutMs, interval: 100 });
}

export function bodiesOf(messages: readonly Message[]): string[] {
  return messages.map(({ Body }) => Body ?? "").sort();
}

export function numbered(count: number, text = "message"): string[] {
  return Array.from({ length: count }, (_, index) => `${text} ${index}`).sort();
}
