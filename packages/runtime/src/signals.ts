/**
 * Signals that end by a deadline or by any of several others.
 *
 * `AbortSignal.any` and `AbortSignal.timeout` keep timers and registrations
 * until they are collected; a service makes thousands of these a second, so
 * these are released at a known point: `using deadline = deadlineIn(...)`.
 */
import { RuntimeError } from "./errors.ts";

/** A signal together with what it holds on to; dispose it when the work is done. Disposing never aborts. */
export interface ScopedSignal extends Disposable {
  readonly signal: AbortSignal;
}

const maxTimerMs = 2 ** 31 - 1;

/** Aborts after `ms` with RUNTIME_DEADLINE_EXCEEDED, or with the reason of `signal` when that aborts first. */
export function deadlineIn(ms: number, signal?: AbortSignal): ScopedSignal {
  const controller = new AbortController();
  const expire = (): void => controller.abort(deadlineExceeded(ms));
  const timer = setTimeout(expire, Math.min(Math.max(0, ms), maxTimerMs));
  controller.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  const stopFollowing = follow(controller, signal === undefined ? [] : [signal]);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      stopFollowing();
    },
  };
}

/** Aborts with the reason of whichever signal aborts first. */
export function anySignal(signals: readonly (AbortSignal | undefined)[]): ScopedSignal {
  const controller = new AbortController();
  const present = signals.filter((signal) => signal !== undefined);
  const stopFollowing = follow(controller, present);
  return { signal: controller.signal, [Symbol.dispose]: stopFollowing };
}

export function deadlineExceeded(ms: number): RuntimeError {
  return new RuntimeError("RUNTIME_DEADLINE_EXCEEDED", `not done within ${ms} ms`, {
    retryable: true,
    context: { ms },
  });
}

function follow(controller: AbortController, signals: readonly AbortSignal[]): () => void {
  const stops: (() => void)[] = [];
  const stop = (): void => {
    for (const remove of stops.splice(0)) remove();
  };
  for (const signal of signals) {
    if (signal.aborted) {
      stop();
      controller.abort(signal.reason);
      break;
    }
    const onAbort = (): void => {
      stop();
      controller.abort(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    stops.push(() => signal.removeEventListener("abort", onAbort));
  }
  return stop;
}
