/** Resolves when `signal` aborts. A timer keeps the process alive meanwhile: listeners alone do not. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const keepAlive = setInterval(() => undefined, 2 ** 30);
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  clearInterval(keepAlive);
}
