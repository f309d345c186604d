import type { Writable } from "node:stream";
import { DekhandError, describeError } from "@dekhand/errors";

/** What a service's `main.ts` exits with when its settings cannot be used. */
export const UNUSABLE_SETTINGS_EXIT_CODE = 2;

/**
 * Runs what `main.ts` wires and resolves with the process's exit code. Settings
 * that cannot be used end with their message on `stderr` instead of a stack.
 */
export async function exitCodeOf(main: () => Promise<number>, stderr: Writable): Promise<number> {
  try {
    return await main();
  } catch (error) {
    const { name, code, message = `${name} (${code})` } = describeError(error);
    stderr.write(`${message}\n`);
    return error instanceof DekhandError ? UNUSABLE_SETTINGS_EXIT_CODE : 1;
  }
}
