import { type Message, type MessageAttributeValue, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { isAbort } from "@dekhand/errors";
import { fullJitterDelay, sleep } from "@dekhand/runtime";
import { JobsError } from "../errors.ts";
import type { QueueInfo } from "./queue-info.ts";
import { carriable, type RejectedBody, reasonAttributes } from "./reason-attributes.ts";

/** Where rejected messages go, with their reason. */
export interface DeadLetters {
  /** Throws JOBS_REJECT_FAILED after a few attempts. */
  put(message: Message, reason: RejectedBody["reason"], signal: AbortSignal): Promise<void>;
}

const attempts = 3;
const backoff = { baseMs: 100, capMs: 2_000 };

export function createDeadLetters(
  client: SQSClient,
  { deadLetterUrl, arn }: Pick<QueueInfo, "deadLetterUrl" | "arn">,
): DeadLetters {
  return {
    async put(message, reason, signal) {
      const body = carriable(message.Body ?? "");
      const attributes = reasonAttributes({
        body,
        attributes: message.MessageAttributes ?? {},
        reason,
        sourceArn: arn,
      });
      if (!attributes) {
        throw new JobsError("JOBS_REJECT_FAILED", "the message is so large that its reason does not fit beside it", {
          retryable: true,
        });
      }
      await send(client, { QueueUrl: deadLetterUrl, MessageBody: body, MessageAttributes: attributes }, signal);
    },
  };
}

interface Send {
  readonly QueueUrl: string;
  readonly MessageBody: string;
  readonly MessageAttributes: Record<string, MessageAttributeValue>;
}

async function send(client: SQSClient, input: Send, signal: AbortSignal): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await client.send(new SendMessageCommand(input), { abortSignal: signal });
      return;
    } catch (cause) {
      if (isAbort(cause, signal) || tries >= attempts) {
        throw new JobsError("JOBS_REJECT_FAILED", "the dead-letter queue did not take the message", {
          cause,
          retryable: true,
        });
      }
      await sleep(fullJitterDelay(tries, backoff), { signal });
    }
  }
}
