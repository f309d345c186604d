/** What every Redis of ours runs with; the rest is Redis's own default. */
export interface RedisSettings {
  readonly port: number;
  readonly bind: string;
  /** The folder as the server sees it. */
  readonly folder: string;
  readonly persistent: boolean;
}

/** As command-line arguments, which a container takes as well. */
export function redisArguments(settings: RedisSettings): string[] {
  const { port, bind, folder, persistent } = settings;
  return [
    ["--port", String(port)],
    ["--bind", bind],
    ["--dir", folder],
    ["--daemonize", "no"],
    // BullMQ loses jobs under any other policy.
    ["--maxmemory-policy", "noeviction"],
    ["--save", ""],
    ["--appendonly", persistent ? "yes" : "no"],
  ].flat();
}

/** What Redis and Valkey log once they serve. */
export const readyLine = /Ready to accept connections/;
