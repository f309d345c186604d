import { type Message, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { fullJitterDelay, type RateLimitedLogger, sleep } from "@dekhand/runtime";
import type { InFlightGate } from "./in-flight-gate.ts";

export interface PollDeps {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly gate: InFlightGate;
  readonly visibilitySeconds: number;
  /** Long poll, at most 20 s. */
  readonly waitSeconds: number;
  /** Ends receiving: no receive is begun after it. */
  readonly signal: AbortSignal;
  /** Cuts off the receives under way. What they had been given stays hidden for its visibility. */
  readonly cutOff: AbortSignal;
  readonly logger: RateLimitedLogger;
  readonly now: () => number;
  /** Takes over messages whose room is reserved, with the moment they arrived at the latest. */
  readonly onMessages: (messages: readonly Message[], receivedAt: number) => void;
}

const backoff = { baseMs: 200, capMs: 15_000 };

/** Receives until the signal aborts. Never rejects. */
export async function poll(deps: PollDeps): Promise<void> {
  let failures = 0;
  while (!deps.signal.aborted) {
    try {
      await receiveOnce(deps);
      failures = 0;
    } catch (error) {
      if (deps.signal.aborted) return;
      failures += 1;
      deps.logger.log("warn", "receive", { err: error, failures }, "receiving from the queue failed");
      await sleep(fullJitterDelay(failures, backoff), { signal: deps.signal }).catch(() => undefined);
    }
  }
}

async function receiveOnce(deps: PollDeps): Promise<void> {
  const reservation = await deps.gate.reserve(deps.signal);
  let messages: readonly Message[] = [];
  try {
    const command = new ReceiveMessageCommand({
      QueueUrl: deps.queueUrl,
      MaxNumberOfMessages: reservation.count,
      WaitTimeSeconds: deps.waitSeconds,
      VisibilityTimeout: deps.visibilitySeconds,
      MessageSystemAttributeNames: ["ApproximateReceiveCount"],
      MessageAttributeNames: ["All"],
    });
    const response = await deps.client.send(command, { abortSignal: deps.cutOff });
    messages = response.Messages ?? [];
  } finally {
    reservation.settle(messages.map(messageBytes));
  }
  if (messages.length > 0) deps.onMessages(messages, deps.now());
}

export function messageBytes(message: Message): number {
  return Buffer.byteLength(message.Body ?? "");
}
