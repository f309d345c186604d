import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalRedisError } from "./errors.ts";
import { findRedis, type RedisProvider } from "./find-redis.ts";
import { freePort } from "./free-port.ts";
import { type RunningRedis, runRedisProcess } from "./redis-process.ts";

export interface StartRedisOptions {
  /** Its folder, made if missing and kept afterwards. Without it: a folder of its own, gone afterwards. */
  readonly dataDir?: string;
  /** Keeps its data in the folder (append-only file, synced every second). Default false: an end empties it. */
  readonly persistent?: boolean;
  /** A loopback port. Default: a free one. */
  readonly port?: number;
  /** Default: what `findRedis()` finds. */
  readonly provider?: RedisProvider;
  /** Default 10,000; for a container 120,000, since its image may have to be pulled. */
  readonly readyTimeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface LocalRedis extends AsyncDisposable {
  /** `redis://127.0.0.1:<port>`; no password. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  readonly provider: RedisProvider;
  /** Process id of the run that is up; undefined in a container, or while none is up. */
  readonly pid: number | undefined;
  /** Ends it as a power cut would; `restart()` brings it back. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder, after an orderly end if it is up. Emptied unless persistent. */
  restart(): Promise<void>;
  /** Ends it for good. A folder of its own goes too. May be called twice. */
  stop(): Promise<void>;
}

const host = "127.0.0.1";
/** Somebody else may take a free port before Redis does. */
const portAttempts = 5;

/**
 * Starts a real Redis on loopback and resolves once it accepts connections. It ends with `stop()`, when disposed of,
 * or with this process, in whatever way that ends.
 *
 * @throws LocalRedisError LOCAL_REDIS_NOT_FOUND, LOCAL_REDIS_START_FAILED; the signal's reason when aborted.
 */
export async function startRedis(options: StartRedisOptions = {}): Promise<LocalRedis> {
  const { signal } = options;
  signal?.throwIfAborted();
  const provider = options.provider ?? (await findRedis());
  if (provider === undefined) {
    const sought = "neither redis-server nor valkey-server is on PATH, and no Docker engine answers";
    throw new LocalRedisError("LOCAL_REDIS_NOT_FOUND", `no Redis on this machine: ${sought}`);
  }
  const ownFolder = options.dataDir === undefined ? await mkdtemp(join(tmpdir(), "dekhand-redis-")) : undefined;
  const folder = ownFolder ?? options.dataDir ?? "";
  const run = runnerOf(provider, { ...options, folder, ownFolder });
  const removeOwn = async (): Promise<void> => {
    if (ownFolder !== undefined) await rm(ownFolder, { recursive: true, force: true, maxRetries: 5 });
  };

  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const first = await onSomePort(run, options.port);
    return createHandle({ ...first, run, folder, provider, removeOwn });
  } catch (error) {
    await removeOwn();
    throw error;
  }
}

type Run = (port: number) => Promise<RunningRedis>;

interface RunnerOptions extends StartRedisOptions {
  readonly folder: string;
  readonly ownFolder: string | undefined;
}

function runnerOf(provider: RedisProvider, options: RunnerOptions): Run {
  const { folder, ownFolder, persistent = false, signal } = options;
  return async (port) => {
    const settings = { port, bind: host, folder, persistent };
    if (provider.kind === "binary") {
      const { readyTimeoutMs = 10_000 } = options;
      return runRedisProcess({ command: provider.command, settings, ownFolder, readyTimeoutMs, signal });
    }
    const { runRedisContainer } = await import("./redis-container.ts");
    return runRedisContainer({ settings, readyTimeoutMs: options.readyTimeoutMs ?? 120_000 });
  };
}

async function onSomePort(run: Run, wanted: number | undefined): Promise<{ port: number; running: RunningRedis }> {
  if (wanted !== undefined) return { port: wanted, running: await run(wanted) };
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return { port, running: await run(port) };
    } catch (error) {
      const again = error instanceof LocalRedisError && error.retryable && attempt < portAttempts;
      if (!again) throw error;
    }
  }
}

interface HandleParts {
  readonly run: Run;
  readonly running: RunningRedis;
  readonly port: number;
  readonly folder: string;
  readonly provider: RedisProvider;
  readonly removeOwn: () => Promise<void>;
}

function createHandle(parts: HandleParts): LocalRedis {
  const { run, port, folder, provider, removeOwn } = parts;
  let running: RunningRedis | undefined = parts.running;
  let stopped = false;

  const end = async (how: "end" | "kill"): Promise<void> => {
    const current = running;
    running = undefined;
    await current?.[how]();
  };
  const stop = async (): Promise<void> => {
    stopped = true;
    await end("end");
    await removeOwn();
  };
  return {
    url: `redis://${host}:${port}`,
    host,
    port,
    dataDir: folder,
    provider,
    get pid() {
      return running?.pid;
    },
    kill: () => end("kill"),
    async restart() {
      if (stopped) throw new LocalRedisError("LOCAL_REDIS_STOPPED", "this Redis was stopped for good");
      await end("end");
      running = await run(port);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
