import { DekhandError } from "@dekhand/errors";

/** Codes of the command line; docs/errors.md says what to do about each. */
export const CLI_ERROR_CODES = [
  "CLI_USAGE",
  "CLI_CONFIG_MISSING",
  "CLI_NOT_CONFIRMED",
  "CLI_INPUT_UNREADABLE",
  "CLI_OUTPUT_FAILED",
  "CLI_DEMO_STALLED",
] as const;

export class CliError extends DekhandError<(typeof CLI_ERROR_CODES)[number]> {}
