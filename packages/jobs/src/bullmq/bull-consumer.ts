/**
 * Takes jobs of one kind from a BullMQ queue.
 *
 * BullMQ fetches, moves and finds stalled jobs; leases, outcomes and the order of
 * shutdown are this package's own. What may not lie in Redis is overwritten there.
 */

import { type Logger, type Metrics, rateLimited } from "@dekhand/runtime";
import type { Queue } from "bullmq";
import { shares, within } from "../consumer/drain.ts";
import { createTally } from "../consumer/tally.ts";
import type { Handler, JobConsumer } from "../delivery.ts";
import { JobsError } from "../errors.ts";
import type { JobKind } from "../job-kind.ts";
import { type BullJobDeps, handleBullJob } from "./bull-job.ts";
import { createLockRenewals } from "./lock-renewals.ts";
import type { Quarantine } from "./quarantine.ts";
import { type RedisConnection, requireNoEviction, workerConnection } from "./redis-connection.ts";
import { MAX_REJECTED_KEPT, openRejectedQueue } from "./rejected-queue.ts";
import { TolerantWorker } from "./tolerant-worker.ts";

export interface BullConsumerOptions<Job> {
  /** The kind of job that the queue is for. */
  readonly jobs: JobKind<Job>;
  readonly connection: RedisConnection;
  readonly queue: string;
  /** In front of every Redis key; in braces on a cluster. */
  readonly prefix: string;
  readonly quarantine: Quarantine;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Jobs held at once. Default 50. */
  readonly maxInFlight?: number;
  /** Rejected jobs whose body is kept for a redrive. Default 10,000; later ones keep their quarantine entry only. */
  readonly maxRejectedKept?: number;
  /** How long a job stays ours without renewal, in milliseconds. Default 30,000. */
  readonly lockMs?: number;
  /** How often jobs without a lock are looked for, in milliseconds. Default 15,000. */
  readonly stalledIntervalMs?: number;
  /** When a handler's signal is aborted, in milliseconds. Default 11 hours. */
  readonly handlerTimeoutMs?: number;
}

/** BullMQ fails a job for good after this many stalls; killed workers must never be why a job is lost. */
const maxStalledCount = 2 ** 31 - 1;

export function createBullConsumer<Job>(options: BullConsumerOptions<Job>): JobConsumer<Job> {
  const { connection, queue, prefix, logger, lockMs = 30_000, handlerTimeoutMs = 11 * 3_600_000 } = options;
  const tally = createTally("bullmq", options.metrics);
  const errors = rateLimited(logger, { everyMs: 10_000 });
  const onError = (error: Error) => errors.log("warn", "redis", { err: error, queue }, "trouble with Redis");
  const starting = new AbortController();
  const drain = new AbortController();
  const abandon = new AbortController();
  const renewing = new AbortController();
  let inFlight = 0;
  let inFlightBytes = 0;
  let started = false;
  let open: { worker: TolerantWorker; rejectedQueue: Queue; run: Promise<void> } | undefined;
  let drained: Promise<void> | undefined;

  const start = async (handler: Handler<Job>): Promise<void> => {
    if (started || drained) throw new JobsError("JOBS_CLOSED", "a consumer is started once");
    started = true;
    await requireNoEviction(connection, starting.signal);
    starting.signal.throwIfAborted();
    const rejectedQueue = openRejectedQueue({ connection, queue, prefix, onError });
    const worker = new TolerantWorker(
      queue,
      async (job, token = "") => {
        inFlight += 1;
        tally.received(1);
        try {
          await handleBullJob(job, token, deps);
        } finally {
          inFlight -= 1;
        }
      },
      {
        connection: workerConnection(connection),
        prefix,
        autorun: false,
        concurrency: options.maxInFlight ?? 50,
        lockDuration: lockMs,
        skipLockRenewal: true,
        stalledInterval: options.stalledIntervalMs ?? 15_000,
        maxStalledCount,
        // A finished job that is kept would swallow the same job when it is added again.
        removeOnComplete: { count: 0 },
        removeOnFail: { count: 0 },
      },
    );
    worker.on("error", onError);
    const deps: BullJobDeps<Job> = {
      jobs: options.jobs,
      queue,
      rejectedQueue,
      quarantine: options.quarantine,
      maxRejectedKept: options.maxRejectedKept ?? MAX_REJECTED_KEPT,
      renewals: createLockRenewals(worker, lockMs, renewing.signal),
      lockMs,
      run: {
        handler,
        drain: drain.signal,
        abandon: abandon.signal,
        handlerTimeoutMs,
        logger,
      },
      tally,
      logger,
      frequent: rateLimited(logger),
      now: () => performance.now(),
      onHeld: (bytes) => {
        inFlightBytes += bytes;
      },
    };
    if (!(await within(worker.waitUntilReady(), 10_000).catch(() => false))) {
      await Promise.allSettled([worker.disconnect(), rejectedQueue.disconnect()]);
      throw new JobsError("JOBS_QUEUE_UNREACHABLE", "Redis cannot be reached", { retryable: true });
    }
    open = { worker, rejectedQueue, run: worker.run().catch(onError) };
  };

  const runDrain = async (ms: number): Promise<void> => {
    starting.abort(new JobsError("JOBS_CLOSED", "the consumer was drained while it started"));
    if (!open) return;
    const { worker, rejectedQueue } = open;
    const { handlersMs, graceMs, returnMs } = shares(ms);
    const closed = worker.close();
    if (!(await within(closed, handlersMs))) {
      drain.abort(new JobsError("JOBS_DRAINING", "the consumer is shutting down", { retryable: true }));
      if (!(await within(closed, graceMs))) {
        abandon.abort();
        await within(closed, returnMs);
      }
    }
    renewing.abort();
    // A second close() would only wait for the first; whoever still waits for Redis is cut off here.
    await Promise.allSettled([within(worker.disconnect(), 100), within(rejectedQueue.close(), 100)]);
  };

  return {
    start,
    drain({ ms }) {
      drained ??= runDrain(ms);
      return drained;
    },
    stats: () => ({ inFlight, inFlightBytes, ...tally.counts() }),
  };
}
