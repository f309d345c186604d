import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { openBullQueue, queueUrl } from "./raw-queues.ts";
import { region, type Stack } from "./start-stack.ts";

export interface Messages {
  /** In SQS, to be had. */
  readonly visible: number;
  /** In SQS, held by somebody. */
  readonly hidden: number;
  /** In BullMQ, in whatever state. */
  readonly bullmq: number;
}

/** How many jobs are left on a stack's queues. */
export async function messages(stack: Stack): Promise<Messages> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: await queueUrl(stack),
    AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
  });
  const { Attributes = {} } = await stack.clients.region(region).sqs.send(command);
  const queue = openBullQueue(stack);
  const counts = await queue.getJobCounts();
  await queue.close();
  return {
    visible: Number(Attributes.ApproximateNumberOfMessages),
    hidden: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
    bullmq: Object.values(counts).reduce((sum, count) => sum + count, 0),
  };
}
