/** What a queue says of itself, and where its rejected messages go. */

import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { isAbort } from "@dekhand/errors";
import { z } from "zod";
import { JobsError } from "../errors.ts";

export interface QueueInfo {
  readonly arn: string;
  readonly deadLetterUrl: string;
  /** Receives after which SQS itself moves a message to the dead-letter queue. */
  readonly maxReceiveCount: number;
}

const redrivePolicy = z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.coerce.number() });

/** Throws JOBS_DLQ_MISSING, JOBS_QUEUE_UNREACHABLE. */
export async function readQueueInfo(client: SQSClient, queueUrl: string, signal?: AbortSignal): Promise<QueueInfo> {
  const options = signal ? { abortSignal: signal } : {};
  try {
    const command = new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: ["QueueArn", "RedrivePolicy"],
    });
    const { Attributes: attributes } = await client.send(command, options);
    const policy = parsePolicy(attributes?.RedrivePolicy);
    if (!policy) {
      throw new JobsError(
        "JOBS_DLQ_MISSING",
        "the queue has no redrive policy with a dead-letter queue, so a rejected job would have nowhere to go",
        { context: { queueUrl } },
      );
    }
    const [, , , , account = "", name = ""] = policy.deadLetterTargetArn.split(":");
    const lookUp = new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: account });
    const { QueueUrl: deadLetterUrl = "" } = await client.send(lookUp, options);
    return { arn: attributes?.QueueArn ?? "", deadLetterUrl, maxReceiveCount: policy.maxReceiveCount };
  } catch (cause) {
    if (cause instanceof JobsError || isAbort(cause, signal)) throw cause;
    throw new JobsError("JOBS_QUEUE_UNREACHABLE", "the queue or its dead-letter queue cannot be read", {
      cause,
      retryable: true,
      context: { queueUrl },
    });
  }
}

function parsePolicy(text: string | undefined): z.output<typeof redrivePolicy> | undefined {
  if (!text) return undefined;
  try {
    return redrivePolicy.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
