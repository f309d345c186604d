/**
 * The Redis that the fleet shares its quota through. Losing it is no failure of
 * anybody's call: commands fail at once, the meters fall back to their local
 * floors, and the connection comes back by itself.
 */
import { type Logger, rateLimited } from "@dekhand/runtime";
import { Redis } from "ioredis";
import type { ScriptHost } from "./run-script.ts";

export interface QuotaConnection {
  readonly redis: ScriptHost;
  /** Identifies the server that is connected now. */
  serverId(): string;
  /** Connected, and the last command was answered. */
  available(): boolean;
  /** How a command ended: a server that is connected but does not answer counts as away. */
  answered(error?: unknown): void;
  close(): void;
}

/** Longer than any answer of a Redis that is fit for use; a caller waits for a slot meanwhile, in milliseconds. */
const answerTimeoutMs = 500;
/** How long a server that failed a command is left alone, in milliseconds. */
const failedMs = 500;

export function connectQuota(url: string, logger: Logger): QuotaConnection {
  const warnings = rateLimited(logger, { everyMs: 10_000 });
  let serverId: string | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;
  let shared: boolean | undefined;

  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: answerTimeoutMs,
    connectTimeout: 3_000,
    // Jitter, so that a fleet does not return in step.
    retryStrategy: (times) => Math.min(2_000, 50 * 2 ** Math.min(times, 6)) * (0.5 + Math.random() / 2),
  });

  const tell = (now: boolean, why?: unknown) => {
    if (now === shared) return;
    shared = now;
    if (now) logger.info("the KMS quota is shared through Redis");
    else logger.warn({ err: why }, "the shared KMS quota cannot be reached: this process keeps to its local share");
  };
  redis.on("error", (error: unknown) => {
    warnings.log("warn", "quota redis", { err: error }, "the Redis of the shared KMS quota fails");
  });
  redis.on("ready", () => void identify());
  redis.on("close", () => {
    serverId = undefined;
    tell(false);
  });

  /** A server started anew does not know what is still leased, even where it has an older copy of the meters. */
  const identify = async () => {
    try {
      serverId = /^run_id:(\S+)/m.exec(await redis.info("server"))?.[1] ?? "unknown";
      failedAt = Number.NEGATIVE_INFINITY;
      tell(true);
    } catch (error) {
      // Disconnected again, or too slow: a reconnection asks again.
      warnings.log("warn", "quota redis", { err: error }, "the Redis of the shared KMS quota does not say who it is");
      redis.disconnect(true);
    }
  };

  return {
    redis,
    serverId: () => serverId ?? "unknown",
    available: () => serverId !== undefined && performance.now() - failedAt >= failedMs,
    answered(error) {
      if (error === undefined) {
        failedAt = Number.NEGATIVE_INFINITY;
        tell(true);
        return;
      }
      failedAt = performance.now();
      tell(false, error);
    },
    close() {
      shared = false;
      redis.disconnect();
    },
  };
}
