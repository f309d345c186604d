import { DekhandError } from "@dekhand/errors";

/** Codes of the command line; docs/errors.md says what to do about each. */
export const CLI_ERROR_CODES = [
  "CLI_USAGE",
  "CLI_CONFIG_MISSING",
  "CLI_NOT_CONFIRMED",
  "CLI_INPUT_UNREADABLE",
  "CLI_OUTPUT_FAILED",
  "CLI_QUEUE_LOST",
  "CLI_DEMO_STALLED",
  "CLI_CAMPAIGN_NOT_FOUND",
  "CLI_CONTROL_UNREACHABLE",
] as const;

export class CliError extends DekhandError<(typeof CLI_ERROR_CODES)[number]> {}

/** The queue took nothing of a whole batch: going on would fail line after line. */
export class QueueLost extends CliError {
  /** The first line that it has not taken. */
  readonly fromLine: number;

  constructor(fromLine: number, cause: DekhandError) {
    super("CLI_QUEUE_LOST", `the queue takes no records: ${cause.message}`, {
      cause,
      retryable: true,
      context: { code: cause.code, fromLine },
    });
    this.fromLine = fromLine;
  }
}
