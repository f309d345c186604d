export { LOCAL_REDIS_ERROR_CODES, LocalRedisError } from "./errors.ts";
export { findRedis, type RedisProvider } from "./find-redis.ts";
export { type LocalRedis, type StartRedisOptions, startRedis } from "./start-redis.ts";
