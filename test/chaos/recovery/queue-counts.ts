import { GetQueueAttributesCommand, GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import type { Stack } from "../../stack/start-stack.ts";

export interface QueueCounts {
  /** In the queue, in whatever state. */
  readonly left: number;
  readonly deadLetters: number;
}

/** Of a Region's encrypt queue, as SQS itself says. */
export async function queueCounts({ clients, config }: Stack, region: string): Promise<QueueCounts> {
  const { sqs } = clients.region(region);
  const count = async (QueueName: string) => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: hidden } = Attributes;
    return Number(visible) + Number(hidden);
  };
  const { encrypt } = config.queues;
  return { left: await count(encrypt), deadLetters: await count(`${encrypt}-dlq`) };
}
