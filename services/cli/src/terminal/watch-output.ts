import type { Writable } from "node:stream";
import { outputEnded } from "../run-outcome.ts";

/**
 * Ends the command when an output can no longer be written: `ending` is aborted
 * with OutputClosed or CLI_OUTPUT_FAILED, so that whatever it opened is closed.
 */
export function watchOutput(outputs: Readonly<Record<string, Writable>>, ending: AbortController): void {
  for (const [name, stream] of Object.entries(outputs)) {
    // Each further write fails too; the first one is the reason.
    stream.on("error", (error) => ending.abort(outputEnded(error, name)));
  }
}
