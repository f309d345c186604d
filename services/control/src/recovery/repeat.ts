import { type Logger, sleep } from "@dekhand/runtime";

export interface RepeatOptions {
  /** Between the end of one run and the beginning of the next, in milliseconds, give or take a quarter. */
  readonly everyMs: number;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** What could not be done, for the log. */
  readonly what: string;
}

/** Does it again and again until the signal aborts. Never rejects: what fails is said once, until it works again. */
export async function repeat(
  work: () => Promise<void>,
  { everyMs, signal, logger, what }: RepeatOptions,
): Promise<void> {
  let hasFailed = false;
  while (!signal.aborted) {
    try {
      await work();
      hasFailed = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!hasFailed) logger.warn({ err: error }, `${what}; it is tried again`);
      hasFailed = true;
    }
    // A fleet that was started together must not stay together.
    await sleep(everyMs * (0.75 + Math.random() / 2), { signal }).catch(() => undefined);
  }
}
