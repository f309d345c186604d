/** What the ledgers say of a stretch of time. Times are milliseconds since 1970. */

import type { Job, JobBook } from "./job-book.ts";
import { hasArrived, type SeenRecords } from "./records-in.ts";
import type { Side } from "./scene.ts";
import type { SteadyProducer } from "./steady-producer.ts";

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface Pace {
  /** Jobs that the queue took. */
  readonly submitted: number;
  readonly acknowledged: number;
  /** Acknowledged for each submitted one, in the worst of the stretch's pieces. */
  readonly worst: number;
  /** From when the queue had a job until it was acknowledged: nine of ten jobs took less, in milliseconds. */
  readonly p90Ms: number;
}

/** Pieces of a stretch are so long, in milliseconds. */
const pieceMs = 5_000;

export function paceOf({ taken }: SteadyProducer, { ledger, region }: Side, { from, to }: Stretch): Pace {
  const submitted = [...taken.values()].flatMap(({ at, regions }) => (regions.has(region) ? [at] : []));
  const acknowledged = [...ledger.acknowledged.values()];
  const count = (times: readonly number[], piece: Stretch) => times.filter((at) => isIn(piece, at)).length;
  const starts = Array.from({ length: Math.floor((to - from) / pieceMs) }, (_, index) => from + index * pieceMs);
  const pieces = starts.map((start) => ({ from: start, to: start + pieceMs }));
  const waits = [...ledger.acknowledged].flatMap(([id, at]) => {
    const since = taken.get(id)?.at;
    return since !== undefined && isIn({ from, to }, since) ? [at - since] : [];
  });
  waits.sort((one, other) => one - other);
  return {
    submitted: count(submitted, { from, to }),
    acknowledged: count(acknowledged, { from, to }),
    worst: Math.min(...pieces.map((piece) => count(acknowledged, piece) / Math.max(1, count(submitted, piece)))),
    p90Ms: waits[Math.floor(waits.length * 0.9)] ?? Number.POSITIVE_INFINITY,
  };
}

/** Jobs that were acknowledged in that time. */
export function acknowledgedIn(book: JobBook, { ledger }: Side, stretch: Stretch): readonly Job[] {
  return [...ledger.acknowledged].flatMap(([id, at]) => (isIn(stretch, at) ? [book.get(id)] : []));
}

/** Those of the jobs whose records a Region does not have. */
export function lackedBy(seen: SeenRecords, jobs: readonly Job[]): readonly Job[] {
  return jobs.filter((job) => !hasArrived(seen, job));
}

function isIn({ from, to }: Stretch, at: number): boolean {
  return at >= from && at < to;
}
