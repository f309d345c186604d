/**
 * Time that a test moves by hand: fits wherever a clock with `now` and `monotonic` is asked for, and runs timers in
 * the order in which they fall due.
 */
export interface ManualClock {
  /** Milliseconds since the epoch; moved by `advance` and, alone, by `setNow`. */
  now(): number;
  /** Milliseconds since the clock was made; never goes back. */
  monotonic(): number;
  /** Moves both times on, runs each timer at its own moment, and lets promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock, as an administrator would: no timer runs, `monotonic` stays. */
  setNow(epochMs: number): void;
  /** Calls back once `ms` milliseconds have been advanced; gives what cancels it. */
  setTimeout(callback: () => void, ms: number): () => void;
  /** Resolves once `ms` milliseconds have been advanced, or rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /** Timers still to run: 0 at the end of a test that left nothing behind. */
  pendingTimers(): number;
}

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** @param epochMs what `now()` starts with; default 2026-01-01T00:00:00Z. */
export function createManualClock(epochMs: number = Date.UTC(2026, 0, 1)): ManualClock {
  const timers = new Set<Timer>();
  let elapsedMs = 0;
  let wallMs = epochMs;

  function moveTo(targetMs: number): void {
    wallMs += targetMs - elapsedMs;
    elapsedMs = targetMs;
  }

  function schedule(callback: () => void, ms: number): () => void {
    const timer: Timer = { dueMs: elapsedMs + Math.max(0, ms), callback };
    timers.add(timer);
    return () => timers.delete(timer);
  }

  return {
    now: () => wallMs,
    monotonic: () => elapsedMs,
    setNow: (value) => {
      wallMs = value;
    },
    setTimeout: schedule,
    pendingTimers: () => timers.size,
    async advance(ms) {
      const targetMs = elapsedMs + ms;
      await settle();
      for (let next = earliest(timers, targetMs); next !== undefined; next = earliest(timers, targetMs)) {
        moveTo(next.dueMs);
        timers.delete(next);
        next.callback();
        await settle();
      }
      moveTo(targetMs);
      await settle();
    },
    sleep: (ms, { signal } = {}) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const onAbort = (): void => {
          cancel();
          reject(signal?.reason);
        };
        const cancel = schedule(() => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        }, ms);
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
  };
}

/** The timer due first, the one set first among equals, if it is due by `byMs`. */
function earliest(timers: ReadonlySet<Timer>, byMs: number): Timer | undefined {
  let found: Timer | undefined;
  for (const timer of timers) {
    if (timer.dueMs <= byMs && (found === undefined || timer.dueMs < found.dueMs)) found = timer;
  }
  return found;
}

/** Lets every promise chain that can go on do so: a turn of the event loop empties the microtasks on its way. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
