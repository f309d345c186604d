import { COOLDOWN_MS, CUT_FACTOR, LEAST_RATE, RAISE_PER_SECOND } from "./shared-meter.ts";

/** How late a place may be used, in milliseconds: timers are coarse. */
const latenessMs = 20;

/**
 * The part of the share that is this process's own, with Redis and without: evenly
 * spaced calls on the monotonic clock, none saved up. It slows down with the fleet
 * where the fleet's rate is known, and by itself, by the same rules, where it is not.
 */
export interface LocalFloor {
  /** Takes a call's place if its time has come. */
  take(now: number): boolean;
  /** When the next call may go, in milliseconds of the monotonic clock; Infinity: never. */
  readonly nextAt: number;
  /** Calls a second now. */
  rate(now: number): number;
  /** What the floor is when nothing throttles, in calls a second. */
  setFull(perSecond: number): void;
  /** How much of the share the fleet uses now, 0 to 1. */
  follow(part: number, now: number): void;
  /** KMS has throttled a call, and no fleet is there to tell. */
  cut(now: number): void;
}

export function createLocalFloor(): LocalFloor {
  let full = 0;
  let part = 1;
  let changedAt = 0;
  let cutAt = Number.NEGATIVE_INFINITY;
  let nextAt = 0;

  const partAt = (now: number) => Math.min(1, part + (RAISE_PER_SECOND * Math.max(0, now - changedAt)) / 1_000);
  const set = (value: number, now: number) => {
    part = value;
    changedAt = now;
  };

  return {
    take(now) {
      if (full <= 0 || now < nextAt) return false;
      nextAt = Math.max(now - latenessMs, nextAt) + 1_000 / (full * partAt(now));
      return true;
    },
    get nextAt() {
      return full <= 0 ? Number.POSITIVE_INFINITY : nextAt;
    },
    rate: (now) => full * partAt(now),
    setFull(perSecond) {
      full = perSecond;
    },
    follow: set,
    cut(now) {
      if (now - cutAt < COOLDOWN_MS) return;
      cutAt = now;
      set(Math.max(LEAST_RATE, partAt(now) * CUT_FACTOR), now);
    },
  };
}
