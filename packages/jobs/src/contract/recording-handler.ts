import { eventually } from "@dekhand/testing";
import type { Delivery, Handler, Outcome } from "../delivery.ts";
import type { AnyJob } from "./queue-subject.ts";

/** A handler that remembers what it was given. */
export interface RecordingHandler<Job extends AnyJob> {
  readonly handle: Handler<Job>;
  readonly deliveries: readonly Delivery<Job>[];
  /** Ids in the order of delivery. */
  ids(): string[];
  /** Handlers running now, and the most that ever ran at once. */
  readonly running: number;
  readonly peak: number;
  /** Resolves with the delivery number `count`, counted from 1. */
  delivery(count: number): Promise<Delivery<Job>>;
}

export const done: Outcome = { kind: "done" };

export function recordingHandler<Job extends AnyJob>(
  act: (delivery: Delivery<Job>) => Promise<Outcome> | Outcome = () => done,
): RecordingHandler<Job> {
  const deliveries: Delivery<Job>[] = [];
  let running = 0;
  let peak = 0;
  return {
    deliveries,
    get running() {
      return running;
    },
    get peak() {
      return peak;
    },
    ids: () => deliveries.map(({ job }) => job.id),
    async handle(delivery) {
      deliveries.push(delivery);
      running += 1;
      peak = Math.max(peak, running);
      try {
        return await act(delivery);
      } finally {
        running -= 1;
      }
    },
    delivery: (count) =>
      eventually(
        () => {
          const found = deliveries[count - 1];
          if (!found) throw new Error(`${deliveries.length} of ${count} deliveries`);
          return found;
        },
        { timeoutMs: 10_000, intervalMs: 5 },
      ),
  };
}

/** A promise for a test to resolve, and its resolver. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
