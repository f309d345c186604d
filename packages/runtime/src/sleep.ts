/** Waiting that ends: on its time or on its signal, and leaves neither timer nor listener behind. */

/** The longest delay of a JavaScript timer; a longer one would fire at once. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * Resolves after `ms` milliseconds, or rejects with the signal's reason as soon as it aborts.
 * Times beyond 24.8 days are cut to that.
 */
export function sleep(ms: number, options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      },
      Math.min(Math.max(0, ms), maxTimerMs),
    );
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
