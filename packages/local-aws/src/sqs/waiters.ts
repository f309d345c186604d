/**
 * Long polls that wait at one queue. They are served in the order in which
 * they came; each ends with messages, after its time, when its client goes
 * away, or when the queue or the service ends.
 */
import type { Delivery, ReceiveRequest } from "./message.ts";

export interface Waiters {
  wait(request: ReceiveRequest, options: { waitMs: number; signal: AbortSignal }): Promise<Delivery[]>;
  /** Offers each waiting receive what `deliver` has for it, until there is nothing more. */
  serve(deliver: (request: ReceiveRequest) => Delivery[]): void;
  /** Answers all with nothing, or with the error; later waits end at once. */
  close(error?: Error): void;
}

interface Waiter {
  readonly request: ReceiveRequest;
  finish(deliveries: Delivery[]): void;
  fail(error: Error): void;
}

export interface WaitersOptions {
  readonly now: () => number;
  /** When the next message becomes ready by itself, if any will. */
  readonly nextAt: () => number | undefined;
  /** Called at that time, while somebody waits. */
  readonly due: () => void;
}

export function createWaiters({ now, nextAt, due }: WaitersOptions): Waiters {
  const waiting = new Set<Waiter>();
  let alarm: { readonly at: number; readonly timer: NodeJS.Timeout } | undefined;
  let closed = false;

  /** Sets the alarm for the next message that becomes ready by itself; none while nobody waits. */
  function arm(): void {
    const at = waiting.size === 0 ? undefined : nextAt();
    if (alarm?.at === at) return;
    clearTimeout(alarm?.timer);
    alarm = undefined;
    if (at === undefined) return;
    const timer = setTimeout(
      () => {
        alarm = undefined;
        due();
      },
      // A timer may fire a little early by the wall clock: due() then arms again.
      Math.max(1, at - now()),
    );
    alarm = { at, timer: timer.unref() };
  }

  return {
    wait(request, { waitMs, signal }) {
      if (closed || signal.aborted) return Promise.resolve([]);
      return new Promise((resolve, reject) => {
        const leave = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", giveUp);
          waiting.delete(waiter);
        };
        const waiter: Waiter = {
          request,
          finish(deliveries) {
            leave();
            resolve(deliveries);
          },
          fail(error) {
            leave();
            reject(error);
          },
        };
        const giveUp = () => {
          waiter.finish([]);
          arm();
        };
        const timer = setTimeout(giveUp, waitMs).unref();
        signal.addEventListener("abort", giveUp);
        waiting.add(waiter);
        arm();
      });
    },
    serve(deliver) {
      for (const waiter of waiting) {
        const deliveries = deliver(waiter.request);
        if (deliveries.length === 0) break;
        waiter.finish(deliveries);
      }
      arm();
    },
    close(error) {
      closed = true;
      for (const waiter of waiting) {
        if (error) waiter.fail(error);
        else waiter.finish([]);
      }
      arm();
    },
  };
}
