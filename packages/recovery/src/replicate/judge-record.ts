/** Which of two records of one id is to stand in the replica Region. Pure. */

import { isDeepStrictEqual } from "node:util";
import type { RecordHead } from "@dekhand/store";

/**
 * - `same`: the target has what home has.
 * - `write`: home's is the newer one, or the target's is not what home's says it is.
 * - `ahead`: the target's is the newer one: it is left alone.
 * - `contested`: both Regions have stored one by themselves, and one of them would be lost: a failback settles it.
 */
export type RecordJudgement = "same" | "write" | "ahead" | "contested";

/**
 * Read the target first, then home: then home's is never the older reading of one history, whatever is copied meanwhile.
 *
 * Within an epoch the home is right; a higher epoch is that of a later home. Records are written once or replaced by a
 * higher revision, so that a higher revision replaces nothing that counts, and between equal ones of different jobs, each
 * from another epoch, one has to be kept beside the other.
 */
export function judgeRecord(home: RecordHead, target: RecordHead): RecordJudgement {
  if (isDeepStrictEqual(home, target)) return "same";
  const revisions = rank(home) - rank(target);
  const isLaterHome = target.epoch > home.epoch;
  if (revisions < 0) return "ahead";
  if (revisions > 0) return isLaterHome ? "contested" : "write";
  if (home.jobId === target.jobId) return isLaterHome ? "ahead" : "write";
  return home.epoch === target.epoch ? "write" : "contested";
}

/** A record without a revision is below every one with. */
function rank({ revision = -1 }: RecordHead): number {
  return revision;
}
