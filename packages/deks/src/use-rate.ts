import type { Clock } from "@dekhand/runtime";

/** How fast a scope uses its DEKs, beside how long it takes to make one. */
export interface UseRate {
  /** One more record has been given a DEK. */
  count(): void;
  /** A DEK has been made, in `ms` milliseconds. */
  learnBirth(ms: number): void;
  /** How long a birth takes, in milliseconds: as the last one, but at least half of what was said before. 0 at first. */
  readonly birthMs: number;
  /** Records that come while one DEK is made. */
  readonly perBirth: number;
}

/** Windows in a birth: few enough to even out batches, enough to notice a new rate before a DEK is used up at it. */
const windowsPerBirth = 4;

/**
 * Counts in windows and judges by the last complete one: many records at once, and then none, are no rate. Before the
 * first birth is learnt, and for a scope that has been silent for a window, the rate is 0.
 */
export function createUseRate(clock: Pick<Clock, "monotonic">): UseRate {
  let birthMs = 0;
  let startedAt = clock.monotonic();
  let before = 0;
  let now = 0;
  return {
    count() {
      const windowMs = birthMs / windowsPerBirth;
      const sinceMs = clock.monotonic() - startedAt;
      if (sinceMs >= windowMs) {
        before = sinceMs < windowMs * 2 ? now : 0;
        now = 0;
        startedAt += sinceMs;
      }
      now += 1;
    },
    learnBirth(ms) {
      birthMs = Math.max(ms, birthMs / 2);
    },
    get birthMs() {
      return birthMs;
    },
    get perBirth() {
      return before * windowsPerBirth;
    },
  };
}
