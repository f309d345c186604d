import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  SetQueueAttributesCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { CliError } from "../errors.ts";
import { withQueue } from "../queue-failure.ts";

/** Receives after which SQS moves a message to the dead-letter queue. Trouble is waited out, not received again. */
const maxReceiveCount = 10;
const visibilitySeconds = 60;
const maxRetentionSeconds = 1_209_600;
const maxMessageBytes = 1_048_576;

export interface QueuePlan {
  readonly name: string;
  readonly deadLetterName: string;
  /** Which of the two are missing, and whether an existing queue has no redrive policy yet. */
  readonly missing: readonly string[];
  readonly needsRedrivePolicy: boolean;
}

/**
 * An existing redrive policy is kept: its dead-letter queue is the one that counts.
 * Throws JOBS_QUEUE_UNREACHABLE.
 */
export function planQueue(client: SQSClient, name: string, signal: AbortSignal): Promise<QueuePlan> {
  return withQueue(name, signal, () => plan(client, name, signal));
}

async function plan(client: SQSClient, name: string, signal: AbortSignal): Promise<QueuePlan> {
  const url = await findQueue(client, name, signal);
  const policy = url === undefined ? undefined : await attribute(client, url, "RedrivePolicy", signal);
  if (policy !== undefined) {
    return { name, deadLetterName: deadLetterNameOf(policy), missing: [], needsRedrivePolicy: false };
  }
  const deadLetterName = `${name}-dlq`;
  const deadLetterUrl = await findQueue(client, deadLetterName, signal);
  const missing = [...(url ? [] : [name]), ...(deadLetterUrl ? [] : [deadLetterName])];
  return { name, deadLetterName, missing, needsRedrivePolicy: url !== undefined };
}

function deadLetterNameOf(policy: string): string {
  const { deadLetterTargetArn }: { deadLetterTargetArn?: unknown } = JSON.parse(policy);
  return typeof deadLetterTargetArn === "string" ? (deadLetterTargetArn.split(":").at(-1) ?? "") : "";
}

/**
 * Creates what the plan names. An existing queue keeps its attributes, but gets a redrive policy if it has none.
 * Throws JOBS_QUEUE_UNREACHABLE.
 */
export function applyQueuePlan(client: SQSClient, plan: QueuePlan, signal: AbortSignal): Promise<void> {
  return withQueue(plan.name, signal, () => apply(client, plan, signal));
}

async function apply(client: SQSClient, plan: QueuePlan, signal: AbortSignal): Promise<void> {
  if (plan.missing.length === 0 && !plan.needsRedrivePolicy) return;
  const deadLetterUrl =
    (await findQueue(client, plan.deadLetterName, signal)) ??
    (await create(client, plan.deadLetterName, { MessageRetentionPeriod: `${maxRetentionSeconds}` }, signal));
  const deadLetterTargetArn = await attribute(client, deadLetterUrl, "QueueArn", signal);
  if (deadLetterTargetArn === undefined) throw new CliError("CLI_USAGE", "the dead-letter queue has no ARN");
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn, maxReceiveCount });

  const url = await findQueue(client, plan.name, signal);
  if (url === undefined) {
    await create(client, plan.name, { RedrivePolicy, VisibilityTimeout: `${visibilitySeconds}` }, signal);
  } else if (plan.needsRedrivePolicy) {
    await client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { RedrivePolicy } }), {
      abortSignal: signal,
    });
  }
}

async function create(
  client: SQSClient,
  name: string,
  own: Record<string, string>,
  signal: AbortSignal,
): Promise<string> {
  const Attributes = {
    MaximumMessageSize: `${maxMessageBytes}`,
    MessageRetentionPeriod: `${maxRetentionSeconds}`,
    // Payloads are in the clear inside a message: the queue's own encryption is what protects them there.
    SqsManagedSseEnabled: "true",
    ...own,
  };
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes }), {
    abortSignal: signal,
  });
  if (QueueUrl === undefined)
    throw new CliError("CLI_USAGE", "SQS created a queue without a URL", { context: { queue: name } });
  return QueueUrl;
}

async function findQueue(client: SQSClient, name: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return (await client.send(new GetQueueUrlCommand({ QueueName: name }), { abortSignal: signal })).QueueUrl;
  } catch (error) {
    if (error instanceof QueueDoesNotExist) return undefined;
    throw error;
  }
}

async function attribute(
  client: SQSClient,
  url: string,
  name: "QueueArn" | "RedrivePolicy",
  signal: AbortSignal,
): Promise<string | undefined> {
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [name] });
  return (await client.send(command, { abortSignal: signal })).Attributes?.[name];
}
