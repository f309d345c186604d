/**
 * Where the bodies of rejected jobs, sealed or without payload, wait for a redrive: a BullMQ queue
 * without a worker, `<queue>-rejected`, of a bounded length. What is in it is as
 * durable as Redis; the reason is in the quarantine, which is durable by itself.
 */

import { Queue } from "bullmq";
import { z } from "zod";
import { type RedisConnection, workerConnection } from "./redis-connection.ts";

export const MAX_REJECTED_KEPT = 10_000;

export function rejectedQueueName(queue: string): string {
  return `${queue}-rejected`;
}

export const keptRejectionSchema = z.object({
  code: z.string(),
  message: z.string(),
  jobId: z.string(),
  recordId: z.string(),
  quarantineId: z.string(),
  /** ISO 8601. */
  at: z.string(),
  /** Under which name the job was on its queue. */
  name: z.string(),
  /** The job's own wire form. */
  job: z.unknown(),
});

export type KeptRejection = z.output<typeof keptRejectionSchema>;

export interface RejectedQueueOptions {
  readonly connection: RedisConnection;
  readonly queue: string;
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}

export function openRejectedQueue({ connection, queue, prefix, onError }: RejectedQueueOptions): Queue {
  const opened = new Queue(rejectedQueueName(queue), { connection: workerConnection(connection), prefix });
  opened.on("error", onError);
  return opened;
}
