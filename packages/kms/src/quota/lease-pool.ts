/** The slots that a process has leased for one class of calls, and how many it asks for at a time. */
export interface LeasePool {
  /** Takes the earliest slot if its time has come. */
  take(now: number): boolean;
  /** Time of the earliest slot, in milliseconds of the monotonic clock; Infinity: none. */
  readonly nextAt: number;
  /** How many slots to ask for when `waiting` calls have none; 0: none now. */
  wants(waiting: number): number;
  /** What was granted: ascending, and later than what the pool has unless the lanes' parts have changed since. */
  add(times: readonly number[], now: number): void;
  /** Gives up what is leased, because the rate has been cut since. */
  clear(): void;
}

/** The most slots in one lease. */
export const MAX_LEASE = 25;
/** A lease that reaches further ahead than this, in milliseconds, was too large for the number of those who share. */
const longLeaseMs = 100;
/**
 * How late a slot may be used, in milliseconds. A process that was held up would otherwise send all of its late calls at
 * once, on top of what the others send.
 */
const latenessMs = 50;

/**
 * Asks for what waits, and for about as much again as was used since it last asked, so that a busy pool does not run dry
 * for the length of a round trip. Slots that nobody uses in time are lost: they cost the fleet their own tokens.
 */
export function createLeasePool(): LeasePool {
  let slots: number[] = [];
  let limit = MAX_LEASE;
  let taken = 0;

  const dropLate = (now: number) => {
    const kept = slots.findIndex((at) => at >= now - latenessMs);
    if (kept !== 0) slots = kept === -1 ? [] : slots.slice(kept);
  };

  return {
    take(now) {
      dropLate(now);
      const [first] = slots;
      if (first === undefined || first > now) return false;
      slots.shift();
      taken += 1;
      return true;
    },
    get nextAt() {
      return slots[0] ?? Number.POSITIVE_INFINITY;
    },
    wants(waiting) {
      const target = Math.min(limit, waiting + Math.floor(taken / 2));
      const full = target === limit;
      if (full ? slots.length > limit / 2 : slots.length >= target) return 0;
      taken = 0;
      return full ? limit : target - slots.length;
    },
    add(times, now) {
      const inOrder = (times[0] ?? Number.POSITIVE_INFINITY) >= (slots.at(-1) ?? Number.NEGATIVE_INFINITY);
      slots.push(...times);
      if (!inOrder) slots.sort((one, other) => one - other);
      const aheadMs = (times.at(-1) ?? Number.POSITIVE_INFINITY) - now;
      limit = aheadMs > longLeaseMs ? Math.max(1, Math.floor(limit / 2)) : Math.min(MAX_LEASE, limit + 1);
    },
    clear() {
      slots = [];
    },
  };
}
