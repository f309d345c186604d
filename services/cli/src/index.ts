export type { CommandContext } from "./command-context.ts";
export { embeddedCredentials } from "./embedded/embedded-credentials.ts";
export { type Embedded, type EmbeddedOptions, startEmbedded } from "./embedded/start-embedded.ts";
export { CLI_ERROR_CODES, CliError } from "./errors.ts";
export { exitCodes } from "./exit-codes.ts";
export { createProgram } from "./program.ts";
export { run } from "./run.ts";
