import { parseEnvironment } from "@dekhand/runtime";
import type { CommandContext } from "./command-context.ts";

/** What DEKHAND_REDIS_URL names, judged as the services judge it. Throws ConfigError for what is no URL of a Redis. */
export function redisUrlOf({ env }: Pick<CommandContext, "env">): string | undefined {
  return parseEnvironment({ DEKHAND_REDIS_URL: env.DEKHAND_REDIS_URL }).redisUrl;
}
