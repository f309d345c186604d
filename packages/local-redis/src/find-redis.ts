import { spawn } from "node:child_process";

/** Where a Redis can come from on this machine. */
export type RedisProvider =
  | { readonly kind: "binary"; readonly command: string; readonly version: string }
  | { readonly kind: "container" };

/**
 * Looks for `redis-server`, then `valkey-server`, on PATH, then for a Docker engine that answers; undefined if there
 * is none of them. Installs nothing: that is the set-up's part.
 */
export async function findRedis(): Promise<RedisProvider | undefined> {
  for (const command of ["redis-server", "valkey-server"]) {
    const version = await versionOf(command);
    if (version !== undefined) return { kind: "binary", command, version };
  }
  // Only now: loading the container library takes longer than all the rest.
  const { hasContainerEngine } = await import("./redis-container.ts");
  return (await hasContainerEngine()) ? { kind: "container" } : undefined;
}

/** The program's version as it says it, or undefined where it cannot be run. */
function versionOf(command: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, ["--version"], { stdio: ["ignore", "pipe", "ignore"] });
    let printed = "";
    child.stdout.on("data", (chunk) => {
      printed += chunk;
    });
    child.once("error", () => resolve(undefined));
    child.once("close", (code) => resolve(code === 0 ? (/\bv=([\w.-]+)/.exec(printed)?.[1] ?? "unknown") : undefined));
  });
}
