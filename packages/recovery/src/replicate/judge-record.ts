/** Which of two records of one id is to stand in the replica Region. Pure. */

import { isDeepStrictEqual } from "node:util";
import type { RecordHead } from "@dekhand/store";
import { compareRecords, compareRevisions } from "./record-order.ts";

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
 * Records are written once or replaced by a higher revision, so that a higher revision goes over a lower one; whether that one
 * has to be kept, see unknown-records.ts. Of equal revisions of different jobs, one has to be kept beside the other. Else the
 * winner is that of `settle`, whoever asks: a record that was sealed again does not come back under its old DEK.
 */
export function judgeRecord(home: RecordHead, target: RecordHead): RecordJudgement {
  if (isDeepStrictEqual(home, target)) return "same";
  const revisions = compareRevisions(home, target);
  const isLaterHome = target.epoch > home.epoch;
  if (revisions < 0) return "ahead";
  if (revisions > 0) return isLaterHome ? "contested" : "write";
  // One sealing: its labels differ, and between one home's and a copy of it, the home is right.
  if (home.sealId === target.sealId) return isLaterHome ? "ahead" : "write";
  if (home.jobId !== target.jobId) return "contested";
  return compareRecords(home, target) < 0 ? "ahead" : "write";
}
