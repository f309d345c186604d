/**
 * Runs a service until it is told to stop.
 *
 * - *starting*: `start()` runs; a signal is remembered and followed by a drain as soon as it is done.
 * - *running*: until SIGTERM, SIGINT or the given AbortSignal.
 * - *draining*: `drain()` runs, with the time that is left.
 * - *ended*: with one of EXIT_CODES. A second signal, the end of the drain time or an uncaught error end at once.
 *
 * It never ends the process itself: `main.ts` does, with the returned code.
 */
import type { EventEmitter } from "node:events";
import { describeError } from "@dekhand/errors";
import type { Logger } from "./logger.ts";

/** What a process runs: started once, drained once. */
export interface Service {
  /** Resolves when the service does its work. When it throws, it has released what it had opened. */
  start(): Promise<void>;
  /** Finishes or hands back what is in flight, and releases everything, within `deadline.ms`. */
  drain(deadline: { readonly ms: number }): Promise<void>;
}

export const EXIT_CODES = {
  /** Drained in time. */
  ok: 0,
  /** The start, the drain or anything uncaught failed. */
  failed: 1,
  /** The drain did not end in time; what was in flight will be delivered again. */
  drainTimeout: 3,
  /** A second signal came. */
  forced: 4,
} as const;

export interface RunOptions {
  readonly logger: Logger;
  /** Time from the first signal to the end. */
  readonly drainMs: number;
  /** Where signals and uncaught errors come from. */
  readonly process: Pick<EventEmitter, "on" | "off">;
  /** Asks for a drain as SIGTERM does. */
  readonly signal?: AbortSignal;
}

/** Beyond `drainMs`, so that a drain which ends exactly on its deadline counts as done. */
const graceMs = 1_000;

/** Resolves with the process's exit code; never rejects. */
export async function runService(service: Service, options: RunOptions): Promise<number> {
  const { logger, drainMs, process, signal } = options;
  const ended = Promise.withResolvers<number>();
  const stop = Promise.withResolvers<void>();
  let stoppedAt: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  const requestStop = (why: string): void => {
    if (stoppedAt !== undefined) {
      logger.warn({ why }, "asked again to stop: ending without finishing");
      ended.resolve(EXIT_CODES.forced);
      return;
    }
    stoppedAt = performance.now();
    logger.info({ why, drainMs }, "stopping: finishing or handing back what is in flight");
    timer = setTimeout(() => {
      logger.error({ drainMs }, "the drain did not end in time");
      ended.resolve(EXIT_CODES.drainTimeout);
    }, drainMs + graceMs);
    stop.resolve();
  };
  const onSignal = (name: unknown): void => requestStop(String(name));
  const onAbort = (): void => requestStop("asked by the program");
  const onUncaught = (error: unknown): void => {
    logger.fatal({ err: describeError(error), at: stackFrames(error) }, "uncaught error");
    ended.resolve(EXIT_CODES.failed);
  };
  const listeners = [
    ["SIGTERM", onSignal],
    ["SIGINT", onSignal],
    ["uncaughtException", onUncaught],
    ["unhandledRejection", onUncaught],
  ] as const;

  const run = async (): Promise<number> => {
    try {
      await service.start();
      if (stoppedAt === undefined) logger.info("started");
      await stop.promise;
      await service.drain({ ms: Math.max(0, drainMs - (performance.now() - (stoppedAt ?? performance.now()))) });
      logger.info("stopped");
      return EXIT_CODES.ok;
    } catch (error) {
      logger.fatal(
        { err: describeError(error), at: stackFrames(error) },
        stoppedAt === undefined ? "cannot start" : "cannot stop cleanly",
      );
      return EXIT_CODES.failed;
    }
  };

  for (const [event, listener] of listeners) process.on(event, listener);
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([ended.promise, run()]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    for (const [event, listener] of listeners) process.off(event, listener);
  }
}

/** The places of a stack without the message in front of them, which may quote input. */
function stackFrames(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  const messageAt = error.stack.indexOf(error.message);
  if (messageAt < 0) return [];
  const frames = error.stack.slice(messageAt + error.message.length).split("\n");
  return frames.map((line) => line.trim()).filter((line) => line.startsWith("at "));
}
