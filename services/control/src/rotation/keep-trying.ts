import { type Logger, sleep } from "@dekhand/runtime";

export interface KeepTryingOptions {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** What cannot be done yet, for the log. */
  readonly what: string;
}

/** Between two tries, in milliseconds. */
const retryMs = 5_000;

/** What `open` gives in the end; undefined once the signal is aborted. Never rejects. */
export async function keepTrying<T>(
  open: () => Promise<T>,
  { signal, logger, what }: KeepTryingOptions,
): Promise<T | undefined> {
  let hasFailed = false;
  while (!signal.aborted) {
    try {
      return await open();
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!hasFailed) logger.warn({ err: error }, `${what}; trying again until it works`);
      hasFailed = true;
      await sleep(retryMs, { signal }).catch(() => undefined);
    }
  }
  return undefined;
}
