import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SpawnedScript } from "@dekhand/testing";

/**
 * The environment in which a service starts for half of the CPU, as its code is kept compiled. Only a process that ends in
 * good order writes that down, and those that are killed never do: so one does, first.
 */
export async function warmStart(
  spawn: (env: Readonly<Record<string, string>>) => Promise<SpawnedScript>,
): Promise<Readonly<Record<string, string>>> {
  const env = { NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") };
  const first = await spawn(env);
  first.kill("SIGTERM");
  await first.exited;
  return env;
}
