/**
 * Takes jobs of one kind from an SQS queue.
 *
 * Pollers receive while there is room; each message then runs on its own, with
 * its visibility extended for as long as it takes. Deletes and visibility
 * changes of all messages share batches. What fails: receiving (backs off and
 * goes on), one message (comes back by its visibility); never the loop.
 */

import type { Message, SQSClient } from "@aws-sdk/client-sqs";
import { type Logger, type Metrics, rateLimited } from "@dekhand/runtime";
import { shares, within } from "../consumer/drain.ts";
import { createTally } from "../consumer/tally.ts";
import type { Handler, JobConsumer } from "../delivery.ts";
import { JobsError } from "../errors.ts";
import type { JobKind } from "../job-kind.ts";
import { createDeadLetters } from "./dead-letters.ts";
import { createInFlightGate } from "./in-flight-gate.ts";
import { messageBytes, poll } from "./poll.ts";
import { readQueueInfo } from "./queue-info.ts";
import { MAX_SQS_MESSAGE_BYTES } from "./reason-attributes.ts";
import { createReceiptBatches } from "./receipt-batches.ts";
import { handleSqsMessage } from "./sqs-message.ts";

export interface SqsConsumerOptions<Job> {
  /** The kind of job that the queue is for. */
  readonly jobs: JobKind<Job>;
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Receives under way at once. Default 4. */
  readonly pollers?: number;
  /** Messages held at once. Default 400. */
  readonly maxInFlight?: number;
  /** Bytes of messages held at once. Default 256 MiB. */
  readonly maxInFlightBytes?: number;
  /** How long a message stays ours without renewal: how soon another worker gets it after a crash. Default 60. */
  readonly visibilitySeconds?: number;
  /** Length of a long poll. Default 20. */
  readonly waitSeconds?: number;
  /** When a handler's signal is aborted, in milliseconds. Default 11 hours: SQS ends a lease after 12. */
  readonly handlerTimeoutMs?: number;
}

/** How long an answer to a receive may be on its way when a drain begins. */
const answeredMs = 500;

export function createSqsConsumer<Job>(options: SqsConsumerOptions<Job>): JobConsumer<Job> {
  const { jobs, client, queueUrl, logger } = options;
  const { visibilitySeconds = 60, waitSeconds = 20, pollers = 4, handlerTimeoutMs = 11 * 3_600_000 } = options;
  const now = () => performance.now();
  const tally = createTally("sqs", options.metrics);
  const gate = createInFlightGate({
    maxMessages: options.maxInFlight ?? 400,
    maxBytes: options.maxInFlightBytes ?? 256 * 1024 * 1024,
    messageBytes: MAX_SQS_MESSAGE_BYTES,
    batch: 10,
    patienceMs: 50,
  });
  // Receives and acknowledgements end at different times of a drain.
  const receives = new AbortController();
  const longPolls = new AbortController();
  const acknowledgements = new AbortController();
  const drain = new AbortController();
  const abandon = new AbortController();
  const batches = createReceiptBatches(client, queueUrl, acknowledgements.signal);
  const running = new Set<Promise<void>>();
  let polling: Promise<unknown> | undefined;
  let drained: Promise<void> | undefined;

  const start = async (handler: Handler<Job>): Promise<void> => {
    if (polling || drained) throw new JobsError("JOBS_CLOSED", "a consumer is started once");
    const starting = readQueueInfo(client, queueUrl, receives.signal);
    polling = starting.catch(() => undefined);
    const info = await starting;
    const run = { handler, drain: drain.signal, abandon: abandon.signal, handlerTimeoutMs, logger };
    const deadLetters = createDeadLetters(client, info);
    const frequent = rateLimited(logger);
    const deps = { jobs, batches, deadLetters, run, visibilitySeconds, tally, logger, frequent, now };
    const pollDeps = {
      client,
      queueUrl,
      gate,
      visibilitySeconds,
      waitSeconds,
      signal: receives.signal,
      cutOff: longPolls.signal,
      now,
    };
    const pollLogger = rateLimited(logger, { everyMs: 10_000 });
    polling = Promise.all(
      Array.from({ length: pollers }, () =>
        poll({
          ...pollDeps,
          logger: pollLogger,
          onMessages(messages, receivedAt) {
            if (receives.signal.aborted) {
              const given = giveBack(messages).finally(() => running.delete(given));
              running.add(given);
              return;
            }
            tally.received(messages.length);
            for (const message of messages) {
              const handled = handleSqsMessage(message, receivedAt, deps).finally(() => {
                running.delete(handled);
                gate.release(messageBytes(message));
              });
              running.add(handled);
            }
          },
        }),
      ),
    );
  };

  /** For what a receive brings after the drain has begun: others can have it at once. */
  const giveBack = async (messages: readonly Message[]): Promise<void> => {
    const visible = messages.map(({ ReceiptHandle: receipt = "" }) =>
      batches.visibility.submit({ receipt, seconds: 0 }),
    );
    await Promise.all(visible);
    for (const message of messages) gate.release(messageBytes(message));
  };

  /** Takes in what a receive that was already answered still brings. */
  const allSettled = async (): Promise<void> => {
    await polling;
    while (running.size > 0) await Promise.all(running);
  };

  const runDrain = async (ms: number): Promise<void> => {
    const { handlersMs, graceMs, returnMs } = shares(ms);
    receives.abort();
    batches.hurry();
    const settled = allSettled();
    // A receive that finds messages is answered at once: one cut off then would hide them from everybody.
    const lastReceives = within(settled, Math.min(answeredMs, handlersMs)).then(() => longPolls.abort());
    if (!(await within(settled, handlersMs))) {
      drain.abort(new JobsError("JOBS_DRAINING", "the consumer is shutting down", { retryable: true }));
      if (!(await within(settled, graceMs))) {
        abandon.abort();
        await within(settled, returnMs);
      }
    }
    await lastReceives;
    acknowledgements.abort();
  };

  return {
    start,
    drain({ ms }) {
      drained ??= runDrain(ms);
      return drained;
    },
    stats: () => ({ inFlight: gate.messages, inFlightBytes: gate.bytes, ...tally.counts() }),
  };
}
