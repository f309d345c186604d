/**
 * Rejected jobs of an SQS queue: the messages of its dead-letter queue.
 *
 * Looking at a message hides it for a while, so it is shown again afterwards. A
 * redrive sends first and deletes then: a crash in between leaves a message in
 * both queues, and the second copy of a job is without effect.
 */

import { createHash } from "node:crypto";
import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { describeError, isAbort } from "@dekhand/errors";
import { readIds } from "../contracts/job-head.ts";
import { JobsError } from "../errors.ts";
import { matches, type RejectedFilter, type RejectedJob, type RejectedJobs } from "../rejected-jobs.ts";
import { type QueueInfo, readQueueInfo } from "./queue-info.ts";
import { withoutReason } from "./reason-attributes.ts";

export interface SqsRejectedJobsOptions {
  readonly client: SQSClient;
  /** The queue whose rejected jobs are meant, not the dead-letter queue. */
  readonly queueUrl: string;
}

/** How long a message is hidden from other readers while this one looks at it. */
const lookSeconds = 120;

export function createSqsRejectedJobs({ client, queueUrl }: SqsRejectedJobsOptions): RejectedJobs {
  let known: Promise<QueueInfo> | undefined;
  const queueInfo = (signal: AbortSignal | undefined) => {
    known ??= readQueueInfo(client, queueUrl, signal).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };

  return {
    async list({ limit = 100, signal } = {}) {
      const info = await queueInfo(signal);
      const seen: Message[] = [];
      try {
        for await (const page of look(client, info, signal)) {
          seen.push(...page);
          if (seen.length >= limit) break;
        }
      } finally {
        await showAgain(client, info, seen);
      }
      return seen.slice(0, limit).map(describe);
    },

    async redrive(filter: RejectedFilter = {}, { limit = Number.POSITIVE_INFINITY, signal, onRedriven } = {}) {
      const info = await queueInfo(signal);
      const leave: Message[] = [];
      // A job that is rejected again while this runs comes back with the same body.
      const sent = new Set<string>();
      const count = { redriven: 0, left: 0, failed: 0 };

      const move = async (message: Message, job: RejectedJob) => {
        try {
          await moveBack(client, { message, from: info.deadLetterUrl, to: queueUrl, signal });
        } catch (error) {
          leave.push(message);
          if (signal?.aborted) throw error;
          count.failed += 1;
          return;
        }
        count.redriven += 1;
        await onRedriven?.(job);
      };

      try {
        for await (const page of look(client, info, signal)) {
          const chosen = page.flatMap((message) => {
            const job = describe(message);
            const digest = digestOf(message);
            const wanted = matches(job, filter) && !sent.has(digest) && sent.size < limit;
            if (wanted) sent.add(digest);
            else leave.push(message);
            return wanted ? [{ message, job }] : [];
          });
          count.left += page.length - chosen.length;
          await Promise.all(chosen.map(({ message, job }) => move(message, job)));
          if (sent.size >= limit) break;
        }
      } finally {
        await showAgain(client, info, leave);
      }
      return count;
    },

    async close() {},
  };
}

/** Every message of this queue once, page by page, until none is visible any more. */
async function* look(client: SQSClient, info: QueueInfo, signal: AbortSignal | undefined): AsyncGenerator<Message[]> {
  for (;;) {
    signal?.throwIfAborted();
    const command = new ReceiveMessageCommand({
      QueueUrl: info.deadLetterUrl,
      MaxNumberOfMessages: 10,
      // A short poll asks only some of SQS's servers: its empty answer would not mean the end.
      WaitTimeSeconds: 1,
      VisibilityTimeout: lookSeconds,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["SentTimestamp", "DeadLetterQueueSourceArn"],
    });
    const messages = await receive(client, command, signal);
    if (messages.length === 0) return;
    const [own, others] = [true, false].map((wanted) =>
      messages.filter((each) => comesFrom(each, info.arn) === wanted),
    );
    await showAgain(client, info, others ?? []);
    if (own?.length) yield own;
  }
}

async function receive(
  client: SQSClient,
  command: ReceiveMessageCommand,
  signal: AbortSignal | undefined,
): Promise<readonly Message[]> {
  try {
    return (await client.send(command, signal ? { abortSignal: signal } : {})).Messages ?? [];
  } catch (cause) {
    if (isAbort(cause, signal)) throw cause;
    throw new JobsError("JOBS_QUEUE_UNREACHABLE", "the dead-letter queue cannot be read", {
      cause,
      retryable: true,
      context: { reason: describeError(cause).code },
    });
  }
}

function digestOf({ Body: body = "" }: Message): string {
  return createHash("sha256").update(body).digest("base64");
}

/** A dead-letter queue may serve several queues. */
function comesFrom(message: Message, arn: string): boolean {
  const source = message.MessageAttributes?.SourceQueue?.StringValue ?? message.Attributes?.DeadLetterQueueSourceArn;
  return source === undefined || source === arn;
}

function describe(message: Message): RejectedJob {
  const text = (name: string) => message.MessageAttributes?.[name]?.StringValue;
  const code = text("ReasonCode");
  const at = new Date(Number(message.Attributes?.SentTimestamp ?? 0)).toISOString();
  if (code === undefined) {
    const ids = readIds(message.Body ?? "");
    return {
      source: "sqs",
      ...ids,
      code: "JOBS_RECEIVED_TOO_OFTEN",
      message: "SQS moved it after too many receives",
      at,
    };
  }
  const jobId = text("JobId");
  const recordId = text("RecordId");
  return {
    source: "sqs",
    ...(jobId === undefined ? {} : { jobId }),
    ...(recordId === undefined ? {} : { recordId }),
    code,
    message: text("ReasonMessage") ?? "",
    at,
  };
}

interface Move {
  readonly message: Message;
  readonly from: string;
  readonly to: string;
  readonly signal: AbortSignal | undefined;
}

async function moveBack(client: SQSClient, { message, from, to, signal }: Move): Promise<void> {
  const options = signal ? { abortSignal: signal } : {};
  const attributes = withoutReason(message.MessageAttributes ?? {});
  const command = new SendMessageCommand({ QueueUrl: to, MessageBody: message.Body, MessageAttributes: attributes });
  await client.send(command, options);
  await client.send(new DeleteMessageCommand({ QueueUrl: from, ReceiptHandle: message.ReceiptHandle }));
}

async function showAgain(client: SQSClient, { deadLetterUrl }: QueueInfo, messages: readonly Message[]): Promise<void> {
  for (let from = 0; from < messages.length; from += 10) {
    const entries = messages
      .slice(from, from + 10)
      .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }));
    const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: deadLetterUrl, Entries: entries });
    // Where this fails they are visible again after two minutes.
    await client.send(command).catch(() => undefined);
  }
}
