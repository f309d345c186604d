import { CliError } from "./errors.ts";

/** Ends a command that ran but leaves something undone; what that is has been printed already. */
export class SomeFailed extends Error {}

/** Ends a command whose reader has gone, as `| head` goes: nothing is left to say, and nobody to say it to. */
export class OutputClosed extends Error {}

/** What a failed write to an output means for the command; `output` is what a person would call it. */
export function outputEnded(error: unknown, output: string): OutputClosed | CliError {
  const code = systemCode(error);
  if (code === "EPIPE") return new OutputClosed("the reader of the output has gone", { cause: error });
  return new CliError("CLI_OUTPUT_FAILED", `${output} could not be written: ${code}`, { cause: error });
}

function systemCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown error";
}
