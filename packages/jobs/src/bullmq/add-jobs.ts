/**
 * Puts jobs of whatever kind on a BullMQ queue, as far as the queue may grow. A
 * job is as durable as that Redis until its effect is.
 */

import { type Logger, rateLimited } from "@dekhand/runtime";
import { Queue } from "bullmq";
import { within } from "../consumer/drain.ts";
import { JobsError } from "../errors.ts";
import { failed, type JobProducer, type SubmitResult } from "../producer.ts";
import { bullJobOptions } from "./bull-job-options.ts";
import { producerConnection, type RedisConnection } from "./redis-connection.ts";

export interface BullAdderOptions {
  readonly connection: RedisConnection;
  readonly queue: string;
  readonly prefix: string;
  readonly logger?: Logger;
  /** Jobs that the queue may hold. A full Redis stops its consumers too. Default 10,000. */
  readonly maxQueued?: number;
  /** How long a submission waits for Redis, in milliseconds. Default 5,000. */
  readonly sendTimeoutMs?: number;
}

/** A job as Redis may hold it: nothing in it is in the clear. */
export interface AddableJob {
  readonly id: string;
  /** The same for the same job, so that a second copy collapses into the first. */
  readonly bullId: string;
  readonly name: string;
  readonly data: object;
}

/** Jobs prepared and added together. */
const chunkSize = 50;

/** `prepare` rejects with JobsError for a job that breaks its contract. */
export function createBullAdder<Input extends { readonly id?: string }>(
  options: BullAdderOptions,
  prepare: (job: Input) => Promise<AddableJob>,
): JobProducer<Input> {
  const { maxQueued = 10_000, sendTimeoutMs = 5_000 } = options;
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

  const add = async (jobs: readonly AddableJob[], patience: Patience): Promise<SubmitResult[]> => {
    const fail = (code: "JOBS_SEND_FAILED" | "JOBS_QUEUE_FULL", message: string, cause?: unknown) => {
      const error = new JobsError(code, message, { retryable: true, ...(cause === undefined ? {} : { cause }) });
      return (job: AddableJob) => failed(error, job.id);
    };
    try {
      const queue = await ready(patience);
      if (!queue) return jobs.map(fail("JOBS_SEND_FAILED", "Redis cannot be reached"));
      const queued = await queue.getJobCountByTypes("waiting", "active", "delayed", "prioritized");
      const taken = jobs.slice(0, Math.max(0, maxQueued - queued));
      await queue.addBulk(taken.map(toBullJob));
      const sent = taken.map(({ id }): SubmitResult => ({ ok: true, id }));
      return [...sent, ...jobs.slice(taken.length).map(fail("JOBS_QUEUE_FULL", `the queue holds ${maxQueued} jobs`))];
    } catch (error) {
      return jobs.map(fail("JOBS_SEND_FAILED", "Redis did not take the jobs", error));
    }
  };

  const tryToPrepare = async (job: Input): Promise<AddableJob | SubmitResult> => {
    try {
      return await prepare(job);
    } catch (error) {
      return failed(error, job.id);
    }
  };

  const submitChunk = async (jobs: readonly Input[], patience: Patience): Promise<SubmitResult[]> => {
    const prepared = await Promise.all(jobs.map(tryToPrepare));
    const addable = prepared.filter((job) => "data" in job);
    const added = await add(addable, patience);
    return prepared.flatMap((job) => ("data" in job ? added.splice(0, 1) : [job]));
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

function openQueue({ connection, queue, prefix }: BullAdderOptions, onError: (error: Error) => void): Queue {
  const opened = new Queue(queue, { connection: producerConnection(connection), prefix });
  opened.on("error", onError);
  return opened;
}

/** How long one submission, whatever its number of chunks, may still wait for Redis to be there. */
interface Patience {
  leftMs: number;
}

function toBullJob({ bullId, name, data }: AddableJob) {
  return { name, data, opts: { ...bullJobOptions, jobId: bullId } };
}

function* chunks<Input>(jobs: Iterable<Input>): Generator<Input[]> {
  let chunk: Input[] = [];
  for (const job of jobs) {
    chunk.push(job);
    if (chunk.length < chunkSize) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
