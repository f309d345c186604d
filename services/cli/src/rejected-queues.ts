import { createBullRejectedJobs, createSqsRejectedJobs, type RejectedJobs } from "@dekhand/jobs";
import type { Connection } from "./connect.ts";
import { queueUrl } from "./queue-url.ts";

/** The keys of `queues` in the configuration. */
export const queueKeys = ["encrypt", "rewrap", "events"] as const;
export type QueueKey = (typeof queueKeys)[number];

export interface RejectedQueues extends AsyncDisposable {
  /** Of the queues that are open. */
  readonly names: ReadonlySet<string>;
  readonly all: readonly { readonly queue: string; readonly rejected: RejectedJobs }[];
}

/**
 * Where rejected jobs of one kind ended, or of all kinds: of each the SQS queue and, where there is a Redis, the BullMQ
 * queue. Throws JOBS_QUEUE_UNREACHABLE.
 */
export async function openRejectedQueues(
  connection: Connection,
  only: QueueKey | undefined,
  signal: AbortSignal,
): Promise<RejectedQueues> {
  const { config, clients, redisUrl, logger } = connection;
  const { sqs } = clients.region(config.control);
  const kinds = only === undefined ? queueKeys : [only];
  const names = kinds.flatMap((kind) => config.queues[kind] ?? []);
  const urls = await Promise.all(names.map((queue) => queueUrl(connection, queue, signal)));
  const all = names.flatMap((queue, index) => {
    const overSqs = createSqsRejectedJobs({ client: sqs, queueUrl: urls[index] ?? "" });
    // KMS's events come through SQS only.
    if (redisUrl === undefined || queue === config.queues.events) return [{ queue, rejected: overSqs }];
    const redis = { connection: { url: redisUrl }, queue, prefix: config.prefix, logger };
    return [overSqs, createBullRejectedJobs(redis)].map((rejected) => ({ queue, rejected }));
  });
  return {
    names: new Set(names),
    all,
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map(({ rejected }) => rejected.close()));
    },
  };
}
