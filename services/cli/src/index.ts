export type { CommandContext } from "./command-context.ts";
export { CLI_ERROR_CODES, CliError } from "./errors.ts";
export { exitCodes } from "./exit-codes.ts";
export { run } from "./run.ts";
