export type { CommandContext } from "./command-context.ts";
export { type Embedded, type EmbeddedOptions, embeddedCredentials, startEmbedded } from "./embedded/start-embedded.ts";
export { CLI_ERROR_CODES, CliError } from "./errors.ts";
export { exitCodes } from "./exit-codes.ts";
export { run } from "./run.ts";
