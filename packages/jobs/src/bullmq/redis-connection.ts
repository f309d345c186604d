/** How this package connects to Redis, and what it asks of it. */

import type { ConnectionOptions as TlsOptions } from "node:tls";
import { isAbort } from "@dekhand/errors";
import { Redis, type RedisOptions } from "ioredis";
import { JobsError } from "../errors.ts";

/** Where Redis is. Plain options, not a client: BullMQ leaves open the clients that it is handed. */
export interface RedisConnection {
  /** redis:// or rediss://; the other options win over what it says. */
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly db?: number;
  readonly tls?: TlsOptions;
}

/** A worker's commands wait for Redis to come back. */
export function workerConnection(connection: RedisConnection) {
  return { ...connection, maxRetriesPerRequest: null };
}

/** A producer's commands fail at once while Redis is away: the caller decides what to do. */
export function producerConnection(connection: RedisConnection) {
  return { ...connection, enableOfflineQueue: false, maxRetriesPerRequest: 1 };
}

/**
 * Throws JOBS_REDIS_EVICTS where Redis may drop jobs when its memory is full,
 * JOBS_QUEUE_UNREACHABLE where it cannot be asked.
 */
export async function requireNoEviction(connection: RedisConnection, signal?: AbortSignal): Promise<void> {
  const policy = await readEvictionPolicy(connection, signal);
  if (policy === "noeviction") return;
  throw new JobsError(
    "JOBS_REDIS_EVICTS",
    "Redis may drop jobs when its memory is full: its maxmemory-policy must be noeviction",
    { context: { policy: policy ?? "unknown" } },
  );
}

async function readEvictionPolicy(connection: RedisConnection, signal?: AbortSignal): Promise<string | undefined> {
  const { url, ...rest } = connection;
  const options = {
    ...rest,
    lazyConnect: true,
    maxRetriesPerRequest: 1,
    retryStrategy: () => null,
  } satisfies RedisOptions;
  const redis = url === undefined ? new Redis(options) : new Redis(url, options);
  // The failed command says the same.
  redis.on("error", () => undefined);
  const stop = () => redis.disconnect();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    // INFO, not CONFIG: managed services refuse CONFIG.
    const info = await redis.info("memory");
    return /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  } catch (cause) {
    if (isAbort(cause, signal)) throw cause;
    throw new JobsError("JOBS_QUEUE_UNREACHABLE", "Redis cannot be reached", { cause, retryable: true });
  } finally {
    signal?.removeEventListener("abort", stop);
    redis.disconnect();
  }
}
