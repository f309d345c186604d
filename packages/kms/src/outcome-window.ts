import type { Clock } from "@dekhand/runtime";

export interface OutcomeWindow {
  add(failed: boolean): void;
  counts(): OutcomeCounts;
}

/** Attempts that ended within the window, and how many of them failed. */
export interface OutcomeCounts {
  readonly calls: number;
  readonly failures: number;
}

interface Bucket {
  readonly slot: number;
  calls: number;
  failures: number;
}

const BUCKETS = 10;

/**
 * Counts the outcomes of the last `windowMs` milliseconds in ten buckets: memory stays the same however many there are,
 * and the oldest tenth leaves at once instead of one by one.
 */
export function createOutcomeWindow(windowMs: number, clock: Pick<Clock, "monotonic">): OutcomeWindow {
  let buckets: readonly Bucket[] = [];
  const slotNow = (): number => Math.floor((clock.monotonic() * BUCKETS) / windowMs);
  const recent = (slot: number): readonly Bucket[] => buckets.filter((bucket) => bucket.slot > slot - BUCKETS);

  return {
    add(failed) {
      const slot = slotNow();
      let bucket = buckets.at(-1);
      if (bucket?.slot !== slot) {
        bucket = { slot, calls: 0, failures: 0 };
        buckets = [...recent(slot), bucket];
      }
      bucket.calls += 1;
      if (failed) bucket.failures += 1;
    },
    counts() {
      let calls = 0;
      let failures = 0;
      for (const bucket of recent(slotNow())) {
        calls += bucket.calls;
        failures += bucket.failures;
      }
      return { calls, failures };
    },
  };
}
