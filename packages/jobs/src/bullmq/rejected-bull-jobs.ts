/**
 * Rejected jobs of a BullMQ queue that can be redriven: those whose body
 * was kept. The quarantine lists every rejected job, these and the others.
 */

import { type Logger, rateLimited } from "@dekhand/runtime";
import { type Job, Queue } from "bullmq";
import { within } from "../consumer/drain.ts";
import { JobsError } from "../errors.ts";
import { matches, type RejectedFilter, type RejectedJob, type RejectedJobs } from "../rejected-jobs.ts";
import { redrivenJobId } from "./bull-job-id.ts";
import { bullJobOptions } from "./bull-job-options.ts";
import { type RedisConnection, workerConnection } from "./redis-connection.ts";
import { type KeptRejection, keptRejectionSchema, openRejectedQueue } from "./rejected-queue.ts";

export interface BullRejectedJobsOptions {
  readonly connection: RedisConnection;
  /** The queue whose rejected jobs are meant. */
  readonly queue: string;
  readonly prefix: string;
  readonly logger: Logger;
}

const pageSize = 100;

export function createBullRejectedJobs(options: BullRejectedJobsOptions): RejectedJobs {
  const { connection, queue, prefix, logger } = options;
  const errors = rateLimited(logger, { everyMs: 10_000 });
  const onError = (error: Error) => errors.log("warn", "redis", { err: error, queue }, "trouble with Redis");
  const rejected = openRejectedQueue({ connection, queue, prefix, onError });
  const source = new Queue(queue, { connection: workerConnection(connection), prefix });
  source.on("error", onError);

  const ready = async () => {
    const unreachable = (cause?: unknown) =>
      new JobsError("JOBS_QUEUE_UNREACHABLE", "Redis cannot be reached", { cause, retryable: true });
    const both = Promise.all([rejected.waitUntilReady(), source.waitUntilReady()]).catch((cause: unknown) => {
      throw unreachable(cause);
    });
    if (!(await within(both, 5_000))) throw unreachable();
  };

  return {
    async list({ limit = 100, signal } = {}) {
      await ready();
      const found: RejectedJob[] = [];
      for (let from = 0; found.length < limit; from += pageSize) {
        signal?.throwIfAborted();
        const page = await rejected.getWaiting(from, from + pageSize - 1);
        for (const job of page) {
          const kept = read(job);
          if (kept) found.push(describe(kept));
        }
        if (page.length < pageSize) break;
      }
      return found.slice(0, limit);
    },

    async redrive(filter: RejectedFilter = {}, { limit = Number.POSITIVE_INFINITY, signal, onRedriven } = {}) {
      await ready();
      const count = { redriven: 0, left: 0, failed: 0 };
      // The ids first: a job that is rejected again while this runs is not met a second time.
      const ids = await allIds(rejected);
      for (const id of ids) {
        signal?.throwIfAborted();
        const job = await rejected.getJob(id);
        const kept = job && read(job);
        if (!job || !kept) continue;
        const described = describe(kept);
        if (!matches(described, filter) || count.redriven >= limit) {
          count.left += 1;
          continue;
        }
        try {
          await source.add(kept.name, kept.job, { ...bullJobOptions, jobId: redrivenJobId(id) });
          await job.remove();
        } catch {
          count.failed += 1;
          continue;
        }
        count.redriven += 1;
        await onRedriven?.(described);
      }
      return count;
    },

    async close() {
      await Promise.allSettled([within(rejected.close(), 1_000), within(source.close(), 1_000)]);
    },
  };
}

async function allIds(rejected: Queue): Promise<string[]> {
  const ids: string[] = [];
  for (let from = 0; ; from += pageSize) {
    const page = await rejected.getWaiting(from, from + pageSize - 1);
    for (const { id } of page) if (id !== undefined) ids.push(id);
    if (page.length < pageSize) return ids;
  }
}

function read(job: Pick<Job, "data">): KeptRejection | undefined {
  const parsed = keptRejectionSchema.safeParse(job.data);
  return parsed.success ? parsed.data : undefined;
}

function describe({ code, message, jobId, recordId, quarantineId, at }: KeptRejection): RejectedJob {
  const ids = { ...(jobId === "" ? {} : { jobId }), ...(recordId === "" ? {} : { recordId }) };
  return { source: "bullmq", ...ids, code, message, at, quarantineId };
}
