import { setTimeout as delay } from "node:timers/promises";

export interface EventuallyOptions {
  /** How long the condition has, in milliseconds. Default 15,000. */
  readonly timeoutMs?: number;
  /** Pause between two looks, in milliseconds. Default 20. */
  readonly intervalMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Waits for a condition that nothing announces: looks again until `check` neither throws nor gives `false`, and
 * gives what it gave. For what can be awaited (an event, a line of output, an exit), await that.
 *
 * @throws what `check` threw last, as the cause of an error that tells how long it was tried.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  options: EventuallyOptions = {},
): Promise<Exclude<T, false>> {
  const { timeoutMs = 15_000, intervalMs = 20, signal } = options;
  const deadline = performance.now() + timeoutMs;
  for (let looks = 1; ; looks += 1) {
    const look = await lookOnce(check);
    if (look.holds) return look.value;
    if (performance.now() + intervalMs > deadline) {
      throw new Error(`not so after ${timeoutMs} ms and ${looks} looks: ${look.why}`, { cause: look.cause });
    }
    await delay(intervalMs, undefined, signal === undefined ? {} : { signal });
  }
}

type Look<T> = { holds: true; value: Exclude<T, false> } | { holds: false; why: string; cause?: unknown };

async function lookOnce<T>(check: () => T | Promise<T>): Promise<Look<T>> {
  try {
    const value = await check();
    if (value === false) return { holds: false, why: "the check gave false" };
    return { holds: true, value: value as Exclude<T, false> };
  } catch (error) {
    return { holds: false, why: error instanceof Error ? error.message : String(error), cause: error };
  }
}
