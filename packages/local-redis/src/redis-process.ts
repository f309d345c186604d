import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { endWithParent } from "./end-with-parent.ts";
import { LocalRedisError } from "./errors.ts";
import { type RedisSettings, readyLine, redisArguments } from "./redis-settings.ts";

/** One run of a server: from its start until it is told, or made, to end. */
export interface RunningRedis {
  readonly pid?: number;
  /** Lets it finish its writes. */
  end(): Promise<void>;
  /** As a power cut would. */
  kill(): Promise<void>;
}

export interface RedisProcessOptions {
  readonly command: string;
  readonly settings: RedisSettings;
  /** Removed by the watch if this process dies first. */
  readonly ownFolder?: string | undefined;
  readonly readyTimeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** How long an orderly end may take before it is forced. */
const endTimeoutMs = 5_000;

export async function runRedisProcess(options: RedisProcessOptions): Promise<RunningRedis> {
  const { command, settings, ownFolder } = options;
  const child = spawn(command, redisArguments(settings), {
    cwd: settings.folder,
    stdio: ["ignore", "pipe", "ignore"],
    // Ctrl+C in the terminal must not take Redis away from those who are still draining.
    detached: true,
  });
  const pid = await pidOf(child);
  const watch = endWithParent({ pid, signal: settings.persistent ? "TERM" : "KILL", folder: ownFolder });
  const ended = once(child, "exit").then(() => watch.release());
  try {
    await serves(child, options);
  } catch (error) {
    child.kill("SIGKILL");
    await ended;
    throw error;
  }
  child.unref();
  return {
    pid,
    async end() {
      child.kill("SIGTERM");
      // A stopped process takes no notice of SIGTERM.
      child.kill("SIGCONT");
      const force = setTimeout(() => child.kill("SIGKILL"), endTimeoutMs);
      await ended;
      clearTimeout(force);
    },
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

async function pidOf(child: ChildProcess): Promise<number> {
  if (child.pid === undefined) {
    await once(child, "spawn").catch((cause: unknown) => {
      throw new LocalRedisError("LOCAL_REDIS_NOT_FOUND", "the Redis program cannot be run", { cause });
    });
  }
  if (child.pid === undefined) throw new LocalRedisError("LOCAL_REDIS_START_FAILED", "the Redis program has no pid");
  return child.pid;
}

/** Resolves with the log line that says it accepts connections; later lines are read and dropped. */
function serves(child: ChildProcess, { readyTimeoutMs, signal, settings }: RedisProcessOptions): Promise<void> {
  const context = { port: settings.port };
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new TypeError("standard output is a pipe");
    let lastLine = "it printed nothing";
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      child.off("exit", onExit);
      act();
    };
    const onExit = (): void => settle(() => reject(failed(`Redis ended before it was ready: ${lastLine}`, context)));
    const onAbort = (): void => settle(() => reject(signal?.reason));
    const timer = setTimeout(
      () => settle(() => reject(failed(`Redis was not ready after ${readyTimeoutMs} ms: ${lastLine}`, context))),
      readyTimeoutMs,
    );
    createInterface({ input: child.stdout }).on("line", (line) => {
      lastLine = line.trim() || lastLine;
      if (readyLine.test(line)) settle(resolve);
    });
    child.once("exit", onExit);
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
  });
}

function failed(message: string, context: { port: number }): LocalRedisError {
  return new LocalRedisError("LOCAL_REDIS_START_FAILED", message, { retryable: true, context });
}
