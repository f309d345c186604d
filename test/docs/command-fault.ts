import { PassThrough, Readable } from "node:stream";
import { CliError, type CommandContext, createProgram } from "@dekhand/cli";
import type { CommandLine } from "./command-lines.ts";

/** What the command itself says against a command line; undefined: nothing, as far as can be told without a deployment. */
export async function commandFault({ args, isMention }: CommandLine): Promise<string | undefined> {
  const written = new PassThrough();
  const context: CommandContext = {
    // There is none: a command that comes to read it has found nothing wrong with what it was told.
    env: { DEKHAND_CONFIG: nowhere },
    stdin: Readable.from([]),
    stdout: written,
    stderr: written,
    signal: new AbortController().signal,
  };
  const program = createProgram(context);
  if (isMention) requireNothing(program);
  program.hook("preAction", (_program, command) => {
    if (startsByItself.has(command.name())) throw new Understood();
  });
  try {
    await program.parseAsync(withoutConfig(args), { from: "user" });
    return "it has run, and was to be looked at only";
  } catch (error) {
    if (error instanceof Understood || isHelp(error) || readsFirst.has(codeOf(error))) return undefined;
    if (isMention && leftOut.has(codeOf(error))) return undefined;
    return `${codeOf(error)}: ${String(written.read() ?? "") || String(error)}`.trim();
  }
}

class Understood extends Error {}

const nowhere = "/nonexistent/dekhand.yaml";
/** They need no configuration, and would be started. */
const startsByItself = new Set(["demo", "dev"]);
const readsFirst = new Set(["CLI_CONFIG_MISSING", "CLI_INPUT_UNREADABLE"]);
const leftOut = new Set(["CLI_USAGE", "commander.help"]);

type Program = ReturnType<typeof createProgram>;

/** What is not said of a mentioned command is none of its faults; what is said has to be right. */
function requireNothing(command: Program): void {
  for (const option of command.options) option.mandatory = false;
  for (const argument of command.registeredArguments) argument.required = false;
  for (const child of command.commands) requireNothing(child);
}

function isHelp(error: unknown): boolean {
  return codeOf(error) === "commander.helpDisplayed" || codeOf(error) === "commander.version";
}

function codeOf(error: unknown): string {
  if (error instanceof CliError) return error.code;
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

/** One that the reader of the document happens to have must not be used. */
function withoutConfig(args: readonly string[]): readonly string[] {
  return args.map((arg, at) => (args[at - 1] === "--config" ? nowhere : arg));
}
