import { DekhandError, isAbort } from "@dekhand/errors";
import { ConfigError } from "@dekhand/runtime";
import { CommanderError } from "commander";
import { type CommandContext, note, type OutputStream } from "./command-context.ts";
import { CliError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { createProgram } from "./program.ts";
import { OutputClosed, SomeFailed } from "./run-outcome.ts";
import { escapeControl } from "./terminal/escape-control.ts";

/** Runs one command line and returns its exit code. Never throws. */
export async function run(args: readonly string[], context: CommandContext): Promise<number> {
  const exitCode = await attempt(args, context);
  await written(context);
  const reason: unknown = context.signal.aborted ? context.signal.reason : undefined;
  // Said at the end, once, however many writes failed.
  return reason instanceof CliError ? explainOwn(reason, context) : exitCode;
}

async function attempt(args: readonly string[], context: CommandContext): Promise<number> {
  try {
    await createProgram(context).parseAsync(args, { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    await written(context);
    return explain(error, context);
  }
}

/** What was printed last may still fail, after the command has ended; once this resolves, that is known. */
async function written({ stdout, stderr }: CommandContext): Promise<void> {
  const flush = (stream: OutputStream) => new Promise<void>((resolve) => void stream.write("", () => resolve()));
  await Promise.all([flush(stdout), flush(stderr)]);
}

function explain(error: unknown, context: CommandContext): number {
  // What failed while things were put away came after, and often of, what ended the command.
  if (error instanceof SuppressedError) return explain(error.suppressed, context);
  if (error instanceof SomeFailed) return exitCodes.someFailed;
  // commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof OutputClosed || context.signal.reason instanceof OutputClosed) return exitCodes.ok;
  // run() says it, when nothing can follow.
  if (context.signal.reason instanceof CliError) return exitCodes.environment;
  if (isAbort(error, context.signal) || context.signal.aborted) {
    note(context, "interrupted");
    return exitCodes.interrupted;
  }
  if (error instanceof ConfigError) {
    note(context, error.message);
    return exitCodes.usage;
  }
  if (error instanceof DekhandError) return explainOwn(error, context);
  // A foreign message may quote its input; name and code are safe.
  note(
    context,
    `unexpected ${error instanceof Error ? error.name : typeof error}; set DEKHAND_LOG_LEVEL=debug for its stack`,
  );
  if (context.env.DEKHAND_LOG_LEVEL === "debug" && error instanceof Error) note(context, error.stack ?? "");
  return exitCodes.environment;
}

function explainOwn(error: DekhandError, context: CommandContext): number {
  note(context, `${escapeControl(error.message)} (${error.code})`);
  for (const [key, value] of Object.entries(error.context)) {
    note(context, `  ${escapeControl(key)}: ${escapeControl(String(value))}`);
  }
  return exitCodeOf(error);
}

const usageCodes = new Set([
  "CLI_USAGE",
  "CLI_CONFIG_MISSING",
  "CLI_INPUT_UNREADABLE",
  "RUNTIME_CONFIG_UNREADABLE",
  "LOCAL_REDIS_NOT_FOUND",
  "CLIENT_REDIS_MISSING",
  "CLIENT_TRANSIT_KEY_MISSING",
  // DEKHAND_TRANSIT_KEY is no transit key.
  "JOBS_TRANSIT_KEY_INVALID",
  // A record id that no record can have.
  "STORE_VALUE_INVALID",
  "CAMPAIGN_PLAN_INVALID",
  "CAMPAIGN_SETTING_INVALID",
  "CAMPAIGN_STORE_UNKNOWN",
  "CAMPAIGN_KEY_MISSING",
  "CAMPAIGN_NOT_ROTATED",
  "CAMPAIGN_EVIDENCE_KEY_UNFIT",
  "STORE_CAMPAIGN_NOT_FOUND",
  "RECOVERY_REFUSED",
  "CLI_CAMPAIGN_NOT_FOUND",
  "CLIENT_REGION_UNKNOWN",
]);
const itemCodes = new Set([
  "CLIENT_RECORD_NOT_FOUND",
  "CLIENT_CONTEXT_MISMATCH",
  "ENVELOPE_AUTHENTICATION_FAILED",
  // What was asked of a campaign is not to be had as it stands.
  "CAMPAIGN_TRANSITION_ILLEGAL",
  "STORE_CAMPAIGN_LOCKED",
]);

function exitCodeOf(error: DekhandError): number {
  if (error instanceof CliError && error.code === "CLI_NOT_CONFIRMED") return exitCodes.notConfirmed;
  if (usageCodes.has(error.code)) return exitCodes.usage;
  if (itemCodes.has(error.code) || error.code.startsWith("DEKS_") || error.code.startsWith("STORE_RECORD")) {
    return exitCodes.someFailed;
  }
  return exitCodes.environment;
}
