import { DekhandError, isAbort } from "@dekhand/errors";
import { ConfigError } from "@dekhand/runtime";
import { CommanderError } from "commander";
import { type CommandContext, note } from "./command-context.ts";
import { CliError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { createProgram } from "./program.ts";
import { SomeFailed } from "./run-outcome.ts";

/** Runs one command line and returns its exit code. Never throws. */
export async function run(args: readonly string[], context: CommandContext): Promise<number> {
  try {
    await createProgram(context).parseAsync(args, { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    return explain(error, context);
  }
}

function explain(error: unknown, context: CommandContext): number {
  if (error instanceof SomeFailed) return exitCodes.someFailed;
  // commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (isAbort(error, context.signal) || context.signal.aborted) {
    note(context, "interrupted");
    return exitCodes.interrupted;
  }
  if (error instanceof ConfigError) {
    note(context, error.message);
    return exitCodes.usage;
  }
  if (error instanceof DekhandError) {
    note(context, `${error.message} (${error.code})`);
    for (const [key, value] of Object.entries(error.context)) note(context, `  ${key}: ${value}`);
    return exitCodeOf(error);
  }
  // A foreign message may quote its input; name and code are safe.
  note(
    context,
    `unexpected ${error instanceof Error ? error.name : typeof error}; set DEKHAND_LOG_LEVEL=debug for its stack`,
  );
  if (context.env.DEKHAND_LOG_LEVEL === "debug" && error instanceof Error) note(context, error.stack ?? "");
  return exitCodes.environment;
}

const usageCodes = new Set([
  "CLI_USAGE",
  "CLI_CONFIG_MISSING",
  "CLI_INPUT_UNREADABLE",
  "RUNTIME_CONFIG_UNREADABLE",
  "LOCAL_REDIS_NOT_FOUND",
]);
const itemCodes = new Set(["CLIENT_RECORD_NOT_FOUND", "CLIENT_CONTEXT_MISMATCH", "ENVELOPE_AUTHENTICATION_FAILED"]);

function exitCodeOf(error: DekhandError): number {
  if (error instanceof CliError && error.code === "CLI_NOT_CONFIRMED") return exitCodes.notConfirmed;
  if (usageCodes.has(error.code)) return exitCodes.usage;
  if (itemCodes.has(error.code) || error.code.startsWith("DEKS_") || error.code.startsWith("STORE_RECORD")) {
    return exitCodes.someFailed;
  }
  return exitCodes.environment;
}
