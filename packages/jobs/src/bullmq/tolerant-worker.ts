import { type Job, Worker } from "bullmq";

/**
 * A worker that survives job data which is not JSON. BullMQ writes JSON, but
 * whoever writes to Redis by hand may not; its own worker would throw before the
 * processor and meet the same job again for ever.
 */
export class TolerantWorker extends Worker<unknown, void> {
  protected override createJob(...[data, jobId]: Parameters<Worker<unknown, void>["createJob"]>): Job<unknown, void> {
    try {
      return super.createJob(data, jobId);
    } catch {
      return super.createJob({ ...data, data: "null" }, jobId);
    }
  }
}
