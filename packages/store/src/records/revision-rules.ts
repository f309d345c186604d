/**
 * What becomes of a job whose record exists already.
 *
 * Records are written once. The same job again is a success without effect;
 * another job needs a revision, and only a higher one replaces. A stored record
 * without a revision counts as lower than any. So whatever the order in which
 * the revisions arrive, the highest one stays.
 */

/** What the rules look at on a stored head. */
export interface HeadState {
  readonly jobId: string;
  readonly sealId: string;
  readonly revision?: number;
}

/**
 * - `landed`: the head is this very sealing: an earlier attempt took effect though its answer was lost.
 * - `replace`: on the condition that the head is still the one that was looked at.
 */
export type Verdict = "landed" | "duplicate" | "replace" | "superseded" | "exists" | "conflict";

export function judge(head: HeadState, job: HeadState): Verdict {
  if (head.sealId === job.sealId) return "landed";
  if (head.jobId === job.jobId) return "duplicate";
  if (job.revision === undefined) return "exists";
  if (head.revision === undefined || job.revision > head.revision) return "replace";
  return job.revision < head.revision ? "superseded" : "conflict";
}
