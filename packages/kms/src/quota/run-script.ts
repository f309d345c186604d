import { createHash } from "node:crypto";

/** What a script needs of a Redis client. */
export interface ScriptHost {
  evalsha(sha: string, keyCount: number, ...rest: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...rest: string[]): Promise<unknown>;
}

export interface Script {
  run(redis: ScriptHost, key: string, args: readonly (string | number)[]): Promise<unknown>;
}

/** A Lua script on one key. Its text travels only where Redis does not know it yet: a first call, an emptied server. */
export function createScript(text: string): Script {
  const sha = createHash("sha1").update(text).digest("hex");
  return {
    async run(redis, key, args) {
      const rest = [key, ...args.map(String)];
      try {
        return await redis.evalsha(sha, 1, ...rest);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith("NOSCRIPT")) throw error;
        return await redis.eval(text, 1, ...rest);
      }
    },
  };
}
