/** The queues of a stack without the client in front: whatever anybody might put there, and what ended where. */

import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageBatchCommand } from "@aws-sdk/client-sqs";
import { type RejectedJob, type TransitPublicKey, toTransitPublicKey } from "@dekhand/jobs";
import { Queue } from "bullmq";
import { region, type Stack } from "./start-stack.ts";

export interface RejectedListing {
  readonly rejected: readonly RejectedJob[];
  readonly quarantine: readonly { readonly jobId?: string; readonly recordId?: string; readonly code: string }[];
}

export async function queueUrl(stack: Stack, name: string = stack.config.queues.encrypt): Promise<string> {
  const { QueueUrl } = await stack.clients.region(region).sqs.send(new GetQueueUrlCommand({ QueueName: name }));
  if (QueueUrl === undefined) throw new Error("the queue has a URL");
  return QueueUrl;
}

/** Sends message bodies as they are. */
export async function sendBodies(stack: Stack, bodies: readonly string[]): Promise<void> {
  const { sqs } = stack.clients.region(region);
  const QueueUrl = await queueUrl(stack);
  for (let from = 0; from < bodies.length; from += 10) {
    const Entries = bodies.slice(from, from + 10).map((MessageBody, index) => ({ Id: `m${index}`, MessageBody }));
    const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    if (Failed.length > 0) throw new Error(`SQS refused a body: ${Failed[0]?.Code}`);
  }
}

export interface DeadLetter {
  readonly body: string;
  /** Message attributes by name. */
  readonly attributes: Readonly<Record<string, string | undefined>>;
}

/** Every visible message of the dead-letter queue, taken out of sight for a second only. */
export async function deadLetters(stack: Stack): Promise<readonly DeadLetter[]> {
  const { sqs } = stack.clients.region(region);
  const QueueUrl = await queueUrl(stack, `${stack.config.queues.encrypt}-dlq`);
  const found: DeadLetter[] = [];
  for (;;) {
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 1,
      MessageAttributeNames: ["All"],
    });
    const { Messages = [] } = await sqs.send(command);
    if (Messages.length === 0) return found;
    for (const { Body = "", MessageAttributes = {} } of Messages) {
      const attributes = Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]);
      found.push({ body: Body, attributes: Object.fromEntries(attributes) });
    }
  }
}

/** The BullMQ queue, without a producer that seals. Closed by the caller. */
export function openBullQueue(stack: Stack): Queue {
  const { hostname, port } = new URL(stack.embedded.redisUrl);
  return new Queue(stack.config.queues.encrypt, {
    connection: { host: hostname, port: Number(port) },
    prefix: stack.config.prefix,
  });
}

export async function transitKeyOf(stack: Stack): Promise<TransitPublicKey> {
  const [key] = await stack.stores.state.listTransitKeys();
  if (!key) throw new Error("init makes a transit key");
  return toTransitPublicKey(key.publicKey);
}

/** What `dekhand jobs rejected list --json` prints. */
export async function listRejected(stack: Stack): Promise<RejectedListing> {
  const { exitCode, stdout, stderr } = await stack.dekhand("jobs", "rejected", "list", "--limit", "1000", "--json");
  if (exitCode !== 0) throw new Error(`list failed: ${stderr}`);
  return JSON.parse(stdout);
}
