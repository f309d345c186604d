/**
 * Puts encrypt jobs on a BullMQ queue, sealed to the deployment's public transit
 * key: there is no way to hand in a plain payload. A job is as durable as that
 * Redis until it is stored.
 */

import { type Logger, rateLimited } from "@dekhand/runtime";
import { type BulkJobOptions, Queue } from "bullmq";
import { within } from "../consumer/drain.ts";
import { toHeader, toSealedWire } from "../contracts/encode-encrypt-job.ts";
import type { EncryptJobHeader, EncryptJobInput } from "../contracts/encrypt-job.ts";
import type { ParseOptions } from "../contracts/parse-encrypt-job.ts";
import type { EncryptJobWire } from "../contracts/wire-schema.ts";
import { JobsError } from "../errors.ts";
import { failed, type JobProducer, type SubmitResult } from "../producer.ts";
import { requireMatchingId, type TransitPublicKey } from "../transit/transit-key.ts";
import { sealForTransit } from "../transit/transit-seal.ts";
import { bullJobId } from "./bull-job-id.ts";
import { producerConnection, type RedisConnection } from "./redis-connection.ts";

export interface BullProducerOptions extends ParseOptions {
  readonly connection: RedisConnection;
  readonly queue: string;
  readonly prefix: string;
  readonly transit: TransitPublicKey;
  readonly logger?: Logger;
  /** Jobs that the queue may hold. A full Redis stops its consumers too. Default 10,000. */
  readonly maxQueued?: number;
  /** How long a submission waits for Redis, in milliseconds. Default 5,000. */
  readonly sendTimeoutMs?: number;
}

/** Jobs sealed and added together. */
const chunkSize = 50;

/**
 * Never the end of a job, whatever BullMQ thinks went wrong; and none is kept,
 * because it would swallow the same job when it is added again.
 */
export const bullJobOptions = {
  attempts: 1_000_000,
  backoff: { type: "fixed", delay: 10_000 },
  removeOnComplete: true,
  removeOnFail: true,
  stackTraceLimit: 0,
} satisfies BulkJobOptions;

/** Throws JOBS_TRANSIT_KEY_INVALID. */
export function createBullProducer(options: BullProducerOptions): JobProducer {
  const { transit, maxQueued = 10_000, sendTimeoutMs = 5_000 } = options;
  requireMatchingId(transit);
  const errors = options.logger && rateLimited(options.logger, { everyMs: 10_000 });
  const onError = (error: Error) => errors?.log("warn", "redis", { err: error }, "trouble with Redis");
  let opened: Queue | undefined;
  let closed = false;

  /** A queue whose very first connection broke off stays unusable for good: it is opened anew. */
  const ready = async (patience: Patience): Promise<Queue | undefined> => {
    const queue = opened ?? openQueue(options, onError);
    opened = queue;
    const since = performance.now();
    try {
      return (await within(queue.waitUntilReady(), patience.leftMs)) ? queue : undefined;
    } catch {
      opened = undefined;
      await queue.disconnect().catch(() => undefined);
      return undefined;
    } finally {
      patience.leftMs = Math.max(0, patience.leftMs - (performance.now() - since));
    }
  };

  const add = async (jobs: readonly SealedJob[], patience: Patience): Promise<SubmitResult[]> => {
    const fail = (code: "JOBS_SEND_FAILED" | "JOBS_QUEUE_FULL", message: string, cause?: unknown) => {
      const error = new JobsError(code, message, { retryable: true, ...(cause === undefined ? {} : { cause }) });
      return (job: SealedJob) => failed(error, job.header.id);
    };
    try {
      const queue = await ready(patience);
      if (!queue) return jobs.map(fail("JOBS_SEND_FAILED", "Redis cannot be reached"));
      const queued = await queue.getJobCountByTypes("waiting", "active", "delayed", "prioritized");
      const taken = jobs.slice(0, Math.max(0, maxQueued - queued));
      await queue.addBulk(taken.map(toBullJob));
      const sent = taken.map(({ header }): SubmitResult => ({ ok: true, id: header.id }));
      return [...sent, ...jobs.slice(taken.length).map(fail("JOBS_QUEUE_FULL", `the queue holds ${maxQueued} jobs`))];
    } catch (error) {
      return jobs.map(fail("JOBS_SEND_FAILED", "Redis did not take the jobs", error));
    }
  };

  const seal = async (job: EncryptJobInput): Promise<SealedJob | SubmitResult> => {
    try {
      const header = toHeader(job, options);
      return { header, wire: toSealedWire(header, await sealForTransit(transit, header, job.payload)) };
    } catch (error) {
      return failed(error, job.id);
    }
  };

  const submitChunk = async (jobs: readonly EncryptJobInput[], patience: Patience): Promise<SubmitResult[]> => {
    const prepared = await Promise.all(jobs.map(seal));
    const sealed = prepared.filter((job) => "wire" in job);
    const added = await add(sealed, patience);
    return prepared.flatMap((job) => ("wire" in job ? added.splice(0, 1) : [job]));
  };

  return {
    async submit(jobs, { signal } = {}) {
      const results: SubmitResult[] = [];
      const patience: Patience = { leftMs: sendTimeoutMs };
      for (const chunk of chunks(jobs)) {
        signal?.throwIfAborted();
        if (closed) throw new JobsError("JOBS_CLOSED", "the producer is closed");
        results.push(...(await submitChunk(chunk, patience)));
      }
      return results;
    },
    async close() {
      closed = true;
      if (opened && !(await within(opened.close(), 1_000))) await opened.disconnect();
    },
  };
}

function openQueue({ connection, queue, prefix }: BullProducerOptions, onError: (error: Error) => void): Queue {
  const opened = new Queue(queue, { connection: producerConnection(connection), prefix });
  opened.on("error", onError);
  return opened;
}

/** How long one submission, whatever its number of chunks, may still wait for Redis to be there. */
interface Patience {
  leftMs: number;
}

interface SealedJob {
  readonly header: EncryptJobHeader;
  readonly wire: EncryptJobWire;
}

function toBullJob({ header, wire }: SealedJob) {
  return { name: header.kind, data: wire, opts: { ...bullJobOptions, jobId: bullJobId(header) } };
}

function* chunks(jobs: Iterable<EncryptJobInput>): Generator<EncryptJobInput[]> {
  let chunk: EncryptJobInput[] = [];
  for (const job of jobs) {
    chunk.push(job);
    if (chunk.length < chunkSize) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
