import { DekhandError } from "@dekhand/errors";

export const LOCAL_REDIS_ERROR_CODES = [
  /** No redis-server, no valkey-server, no Docker engine. */
  "LOCAL_REDIS_NOT_FOUND",
  /** The server ended, or was silent, before it accepted connections. */
  "LOCAL_REDIS_START_FAILED",
  /** The handle was used after `stop()`. */
  "LOCAL_REDIS_STOPPED",
] as const;

export class LocalRedisError extends DekhandError<(typeof LOCAL_REDIS_ERROR_CODES)[number]> {}
