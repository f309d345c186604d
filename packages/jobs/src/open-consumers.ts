/** The queue ends of a worker, as a deployment's configuration has them. */

import { GetQueueUrlCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Logger, Metrics } from "@dekhand/runtime";
import { createBullConsumer } from "./bullmq/bull-consumer.ts";
import type { Quarantine } from "./bullmq/quarantine.ts";
import type { JobConsumer } from "./delivery.ts";
import { JobsError } from "./errors.ts";
import type { JobKind } from "./job-kind.ts";
import { createSqsConsumer } from "./sqs/sqs-consumer.ts";

export interface OpenConsumersOptions<Job> {
  readonly jobs: JobKind<Job>;
  /** The SQS queue and the BullMQ queue have the same name. */
  readonly queue: string;
  /** Of the control Region. */
  readonly sqs: SQSClient;
  /** Without it, jobs come from SQS only. */
  readonly redisUrl: string | undefined;
  /** In front of every Redis key. */
  readonly prefix: string;
  readonly quarantine: Quarantine;
  /** Jobs in work at once, in each kind of queue. */
  readonly concurrency: number;
  /** How long a job stays ours without renewal, in seconds. Default: 60 for SQS, 30 for BullMQ. */
  readonly leaseSeconds: number | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** SQS always; BullMQ where a Redis is configured. Not started yet. Throws JOBS_QUEUE_UNREACHABLE. */
export async function openConsumers<Job>(options: OpenConsumersOptions<Job>): Promise<JobConsumer<Job>[]> {
  const { jobs, queue, sqs, redisUrl, prefix, quarantine, concurrency, leaseSeconds, logger, metrics } = options;
  const shared = { jobs, logger, metrics, maxInFlight: concurrency };
  const visibility = leaseSeconds === undefined ? {} : { visibilitySeconds: leaseSeconds };
  const lock =
    leaseSeconds === undefined ? {} : { lockMs: leaseSeconds * 1_000, stalledIntervalMs: leaseSeconds * 500 };
  const queueUrl = await findQueueUrl(sqs, queue);
  const consumers = [createSqsConsumer({ ...shared, ...visibility, client: sqs, queueUrl })];
  if (redisUrl === undefined) return consumers;
  const connection = { url: redisUrl };
  return [...consumers, createBullConsumer({ ...shared, ...lock, connection, queue, prefix, quarantine })];
}

async function findQueueUrl(sqs: SQSClient, queue: string): Promise<string> {
  try {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
    if (QueueUrl !== undefined) return QueueUrl;
  } catch (cause) {
    throw new JobsError("JOBS_QUEUE_UNREACHABLE", "the SQS queue cannot be found; `dekhand init` creates it", {
      cause,
      context: { queue },
    });
  }
  throw new JobsError("JOBS_QUEUE_UNREACHABLE", "SQS named no URL for the queue", { context: { queue } });
}
