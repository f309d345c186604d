import type { BulkJobOptions } from "bullmq";

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
