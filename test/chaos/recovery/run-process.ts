/** The command line as a process of its own: its work is no work of the process that is all of AWS. */

import { fileURLToPath } from "node:url";
import { spawnScript } from "@dekhand/testing";
import type { CommandOutcome } from "../../stack/run-command.ts";

const main = fileURLToPath(import.meta.resolve("../../../services/cli/src/main.ts"));

export async function runProcess(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<CommandOutcome> {
  await using script = await spawnScript({ script: main, args, env });
  const { code } = await script.exited;
  return { exitCode: code ?? 1, stdout: script.stdout(), stderr: script.stderr() };
}
