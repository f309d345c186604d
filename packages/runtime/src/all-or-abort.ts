import { anySignal } from "./signals.ts";

/**
 * Runs tasks side by side and answers in their order. When one fails, the answers of the others are of no use any more:
 * their signal aborts, and once all have ended the first failure is thrown. `signal` reaches them all.
 */
export async function allOrAbort<T>(
  tasks: readonly ((signal: AbortSignal) => Promise<T>)[],
  signal: AbortSignal | undefined,
): Promise<T[]> {
  const failed = new AbortController();
  using stop = anySignal([signal, failed.signal]);
  const running = tasks.map((task) => task(stop.signal));
  try {
    return await Promise.all(running);
  } catch (error) {
    failed.abort(error);
    await Promise.allSettled(running);
    throw error;
  }
}
