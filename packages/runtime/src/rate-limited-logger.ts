import { type Clock, systemClock } from "./clock.ts";
import type { Logger, LogLevel } from "./logger.ts";

export interface RateLimitedLogger {
  /** Writes the line if `key` has not written within the window; counts it otherwise. Keys are few and fixed. */
  log(level: Exclude<LogLevel, "silent">, key: string, fields: object, message: string): void;
}

/**
 * At most one line a window for each key; the next line says how many were left out (`suppressed`). For what can fail
 * thousands of times a second, such as the connection to a Redis that is away. Window: `everyMs`, default 1,000 ms.
 */
export function rateLimited(
  logger: Logger,
  options: { readonly everyMs?: number; readonly clock?: Clock } = {},
): RateLimitedLogger {
  const { everyMs = 1_000, clock = systemClock } = options;
  const windows = new Map<string, { openedAt: number; suppressed: number }>();
  return {
    log(level, key, fields, message) {
      const now = clock.monotonic();
      const window = windows.get(key);
      if (window !== undefined && now - window.openedAt < everyMs) {
        window.suppressed += 1;
        return;
      }
      windows.set(key, { openedAt: now, suppressed: 0 });
      const suppressed = window?.suppressed ?? 0;
      logger[level](suppressed === 0 ? fields : { ...fields, suppressed }, message);
    },
  };
}
