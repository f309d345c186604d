/**
 * How much a consumer may hold at once: messages and their bytes. A poller
 * reserves room before it receives, so that what arrives always has a place.
 */

export interface InFlightGateOptions {
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** What one message may have at most: its size is known only after it came. */
  readonly messageBytes: number;
  /** The most that one receive brings. */
  readonly batch: number;
  /** How long to wait for room for a whole batch before a smaller one is asked for, in milliseconds. */
  readonly patienceMs: number;
}

export interface Reservation {
  /** How many messages to ask for. */
  readonly count: number;
  /** Keeps room for what came, of these sizes, and gives back the rest. */
  settle(sizes: readonly number[]): void;
}

export interface InFlightGate {
  readonly messages: number;
  readonly bytes: number;
  /** Waits until there is room for at least one message. Rejects with the signal's reason. */
  reserve(signal: AbortSignal): Promise<Reservation>;
  /** One message of this size is finished. */
  release(bytes: number): void;
}

export function createInFlightGate(options: InFlightGateOptions): InFlightGate {
  const { maxMessages, maxBytes, messageBytes, patienceMs } = options;
  const batch = Math.min(options.batch, maxMessages, Math.max(1, Math.floor(maxBytes / messageBytes)));
  const waiters = new Set<() => void>();
  let messages = 0;
  let bytes = 0;
  let reserved = 0;

  const room = () => {
    const slots = maxMessages - messages - reserved;
    const byBytes = Math.floor((maxBytes - bytes - reserved * messageBytes) / messageBytes);
    // One message must fit into an empty gate, however low the limit of bytes is.
    return Math.min(slots, messages + reserved === 0 ? Math.max(1, byBytes) : byBytes);
  };

  const changed = () => {
    for (const wake of waiters) wake();
  };

  const take = (count: number): Reservation => {
    reserved += count;
    return {
      count,
      settle(sizes) {
        reserved -= count;
        messages += sizes.length;
        for (const size of sizes) bytes += size;
        changed();
      },
    };
  };

  return {
    get messages() {
      return messages;
    },
    get bytes() {
      return bytes;
    },
    async reserve(signal) {
      const patientUntil = performance.now() + patienceMs;
      for (;;) {
        signal.throwIfAborted();
        const free = room();
        const patience = patientUntil - performance.now();
        if (free >= batch || (free > 0 && patience <= 0)) return take(Math.min(free, batch));
        await wake(waiters, signal, free > 0 ? patience : undefined);
      }
    },
    release(size) {
      messages -= 1;
      bytes -= size;
      changed();
    },
  };
}

/** Resolves at the next change, after `ms`, or on abort, whichever is first. */
function wake(waiters: Set<() => void>, signal: AbortSignal, ms: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      waiters.delete(done);
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = ms === undefined ? undefined : setTimeout(done, ms);
    waiters.add(done);
    signal.addEventListener("abort", done, { once: true });
  });
}
