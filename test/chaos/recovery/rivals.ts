/**
 * Jobs for records that the other side has stored as well, neither knowing of the other, and what is to come of them by
 * docs/disaster-recovery.md: the higher revision stays, then what the later home has stored; the other one is kept.
 */

import { firstRevision, type Job, type JobBook } from "./job-book.ts";

export interface Rival {
  readonly job: Job;
  /** Of the two, what is to be listed in the end. */
  readonly loser: Job;
}

/** Of each kind, at most. */
const most = 4;

/** For the later home, of records that the first one has stored and not copied. */
export function rivalsElsewhere(book: JobBook, missing: readonly Job[]): readonly Rival[] {
  const { plain, revised } = sorted(missing);
  return [
    ...plain.map((other): Rival => ({ job: book.rivalOf(other), loser: other })),
    ...revised.map((other, index): Rival => {
      const job = book.rivalOf(other, firstRevision + (index % 2 === 0 ? -1 : 1));
      return { job, loser: index % 2 === 0 ? job : other };
    }),
  ];
}

/** For the first home, which knows nothing yet, of records that the later one has stored. */
export function rivalsAtHome(book: JobBook, stored: readonly Job[]): readonly Rival[] {
  const { plain, revised } = sorted(stored);
  return [
    ...plain.map((other): Rival => {
      const job = book.rivalOf(other);
      return { job, loser: job };
    }),
    ...revised.map((other, index): Rival => {
      const job = book.rivalOf(other, firstRevision + (index % 2 === 0 ? 1 : -1));
      return { job, loser: index % 2 === 0 ? other : job };
    }),
  ];
}

/** Records that the steady flow writes once. */
function sorted(jobs: readonly Job[]) {
  const of = (name: string) => jobs.filter(({ recordId }) => recordId.startsWith(name)).slice(0, most);
  return { plain: of("plain-"), revised: of("revised-") };
}
