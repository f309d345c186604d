/** Rejected jobs where they ended: to look at, and to send back once what was wrong with them is mended. */

import type { QueueKind } from "./delivery.ts";

export interface RejectedJobs {
  /** A look at them; they stay where they are. */
  list(options?: RejectedOptions): Promise<readonly RejectedJob[]>;
  /** Puts those that match back on their queue, without their reason. */
  redrive(filter?: RejectedFilter, options?: RedriveOptions): Promise<RedriveResult>;
  close(): Promise<void>;
}

export interface RejectedJob {
  readonly source: QueueKind;
  /** As far as it could be read. */
  readonly jobId?: string;
  readonly recordId?: string;
  readonly code: string;
  readonly message: string;
  /** ISO 8601. */
  readonly at: string;
  /** Under which id the quarantine has it (BullMQ only). */
  readonly quarantineId?: string;
}

/** All that are given must match. None given: every job. */
export interface RejectedFilter {
  readonly code?: string;
  readonly jobId?: string;
  readonly recordId?: string;
}

export interface RejectedOptions {
  /** Default 100 for a list; all for a redrive. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

export interface RedriveOptions extends RejectedOptions {
  /** After each job that is back on its queue; its quarantine entry may go now. */
  readonly onRedriven?: (job: RejectedJob) => Promise<void> | void;
}

export interface RedriveResult {
  readonly redriven: number;
  /** Seen, and not asked for. */
  readonly left: number;
  /** Asked for, and still where they were. */
  readonly failed: number;
}

export function matches(job: RejectedJob, { code, jobId, recordId }: RejectedFilter): boolean {
  return (
    (code === undefined || job.code === code) &&
    (jobId === undefined || job.jobId === jobId) &&
    (recordId === undefined || job.recordId === recordId)
  );
}
