import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";

/** A queue with a dead-letter queue, and ways to look at both. */
export interface SqsQueue {
  readonly url: string;
  readonly deadLetterUrl: string;
  readonly send: (body: string) => Promise<void>;
  /** Messages waiting, delayed and held. */
  readonly open: () => Promise<number>;
  /** What is in the dead-letter queue. The messages are left hidden for a second. */
  readonly deadLetters: () => Promise<readonly DeadLetter[]>;
}

export interface DeadLetter {
  readonly body: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
}

let made = 0;

export function sqsClient(endpoint: string): SQSClient {
  return new SQSClient({
    region: "us-east-1",
    endpoint,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 3,
  });
}

export async function createSqsQueue(client: SQSClient, attributes: Record<string, string> = {}): Promise<SqsQueue> {
  made += 1;
  const name = `jobs-${process.pid}-${made}`;
  const deadLetterUrl = await create(client, `${name}-rejected`, {});
  const deadLetterTargetArn = (await attribute(client, deadLetterUrl, "QueueArn")) ?? "";
  const redrive = JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 20 });
  const url = await create(client, name, { RedrivePolicy: redrive, ...attributes });

  return {
    url,
    deadLetterUrl,
    async send(body) {
      await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
    },
    async open() {
      const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] });
      const { Attributes: found = {} } = await client.send(command);
      const { ApproximateNumberOfMessages: waiting, ApproximateNumberOfMessagesDelayed: delayed } = found;
      return [waiting, delayed, found.ApproximateNumberOfMessagesNotVisible].reduce(
        (sum, n) => sum + Number(n ?? 0),
        0,
      );
    },
    async deadLetters() {
      const found: DeadLetter[] = [];
      for (;;) {
        const command = new ReceiveMessageCommand({
          QueueUrl: deadLetterUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: 1,
          MessageAttributeNames: ["All"],
        });
        const { Messages: messages = [] } = await client.send(command);
        if (messages.length === 0) return found;
        for (const { Body: body = "", MessageAttributes: values = {} } of messages) {
          const texts = Object.entries(values).map(([key, value]) => [key, value.StringValue] as const);
          found.push({ body, attributes: Object.fromEntries(texts) });
        }
      }
    },
  };
}

async function create(client: SQSClient, name: string, attributes: Record<string, string>): Promise<string> {
  const { QueueUrl = "" } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  return QueueUrl;
}

async function attribute(client: SQSClient, url: string, name: "QueueArn"): Promise<string | undefined> {
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [name] });
  return (await client.send(command)).Attributes?.[name];
}
