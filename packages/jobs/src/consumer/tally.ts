import type { Metrics } from "@dekhand/runtime";
import type { ConsumerStats, QueueKind } from "../delivery.ts";

/** Counts what becomes of jobs, for `stats()` and for metrics. */
export interface Tally {
  received(count: number): void;
  done(note?: string): void;
  retried(reason: string): void;
  rejected(code: string): void;
  lost(): void;
  counts(): Omit<ConsumerStats, "inFlight" | "inFlightBytes">;
}

export function createTally(source: QueueKind, metrics: Metrics | undefined): Tally {
  const counts = { received: 0, done: 0, retried: 0, rejected: 0, lost: 0 };
  const received = metrics?.counter("jobs_received_total", "Jobs taken from a queue", ["source"]);
  const outcomes = metrics?.counter("jobs_outcomes_total", "What became of jobs", ["source", "outcome", "reason"]);
  return {
    received(count) {
      counts.received += count;
      received?.inc({ source }, count);
    },
    done(note) {
      counts.done += 1;
      outcomes?.inc({ source, outcome: "done", reason: note ?? "" });
    },
    retried(reason) {
      counts.retried += 1;
      outcomes?.inc({ source, outcome: "retry", reason });
    },
    rejected(code) {
      counts.rejected += 1;
      outcomes?.inc({ source, outcome: "reject", reason: code });
    },
    lost() {
      counts.lost += 1;
      outcomes?.inc({ source, outcome: "lost", reason: "" });
    },
    counts: () => ({ ...counts }),
  };
}
