/**
 * Renews the locks of all running jobs together.
 *
 * BullMQ's own renewal tracks jobs by id. A job that was lost and taken again by
 * the same worker would share an entry with its first run, whose end would stop
 * the renewal of the second. Here each run has its own lease, which also ends by
 * the clock while Redis cannot be asked.
 */

import type { Worker } from "bullmq";
import { createEntryBatcher, type EntryBatcher } from "../consumer/entry-batcher.ts";

export interface Lock {
  readonly jobId: string;
  readonly token: string;
}

export function createLockRenewals(
  worker: Pick<Worker, "extendJobLocks">,
  lockMs: number,
  signal: AbortSignal,
): EntryBatcher<Lock> {
  return createEntryBatcher<Lock>({
    maxEntries: 200,
    maxDelayMs: 20,
    maxConcurrent: 2,
    backoff: { baseMs: 100, capMs: 2_000 },
    signal,
    send: async (locks) => {
      const ids = locks.map(({ jobId }) => jobId);
      const tokens = locks.map(({ token }) => token);
      const failed = new Set(await worker.extendJobLocks(ids, tokens, lockMs));
      return ids.map((id) => (failed.has(id) ? { ok: false, final: true, code: "JOBS_LEASE_LOST" } : { ok: true }));
    },
  });
}
