import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { readQueueInfo } from "@dekhand/jobs";
import type { Heartbeat, StateStore } from "@dekhand/store";

/** What a deployment looks like from outside its workers, at one moment. */
export interface DeploymentStatus {
  readonly queues: readonly QueueDepth[];
  /** Workers by service, those whose heartbeat is recent. */
  readonly workers: Readonly<Record<string, number>>;
}

export interface QueueDepth {
  readonly queue: string;
  readonly waiting: number;
  readonly inFlight: number;
  readonly delayed: number;
}

export interface StatusSource {
  readonly sqs: SQSClient;
  readonly state: Pick<StateStore, "listHeartbeats">;
  /** The SQS queues whose depths are read, and with them those of their dead-letter queues. */
  readonly queueNames: readonly string[];
}

/** Three beats of 30 s: what has been silent for longer does not count as alive. */
const aliveMs = 90_000;

export async function readStatus(source: StatusSource, signal: AbortSignal): Promise<DeploymentStatus> {
  const [queues, heartbeats] = await Promise.all([
    Promise.all(source.queueNames.map((name) => readDepths(source.sqs, name, signal))),
    source.state.listHeartbeats({ signal }),
  ]);
  return { queues: queues.flat(), workers: countAlive(heartbeats, Date.now()) };
}

async function readDepths(sqs: SQSClient, queue: string, signal: AbortSignal): Promise<QueueDepth[]> {
  const { QueueUrl = "" } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }), { abortSignal: signal });
  const { deadLetterUrl } = await readQueueInfo(sqs, QueueUrl, signal);
  return Promise.all([QueueUrl, deadLetterUrl].map((url) => queueDepth(sqs, url, signal)));
}

async function queueDepth(sqs: SQSClient, url: string, signal: AbortSignal): Promise<QueueDepth> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: url,
    AttributeNames: [
      "ApproximateNumberOfMessages",
      "ApproximateNumberOfMessagesNotVisible",
      "ApproximateNumberOfMessagesDelayed",
    ],
  });
  const { Attributes = {} } = await sqs.send(command, { abortSignal: signal });
  return {
    queue: url.slice(url.lastIndexOf("/") + 1),
    waiting: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
    delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0),
  };
}

function countAlive(heartbeats: readonly Heartbeat[], now: number): Record<string, number> {
  const alive: Record<string, number> = {};
  for (const { service, at } of heartbeats) {
    if (now - Date.parse(at) <= aliveMs) alive[service] = (alive[service] ?? 0) + 1;
  }
  return alive;
}
