import { DekhandError } from "@dekhand/errors";

/**
 * - `RUNTIME_CONFIG_INVALID`: a configuration or the environment does not follow its schema; `problems` lists every fault.
 * - `RUNTIME_CONFIG_UNREADABLE`: the configuration file cannot be read from the disk.
 * - `RUNTIME_DEADLINE_EXCEEDED`: an operation did not end within the time that its caller gave it.
 * - `RUNTIME_OPS_LISTEN_FAILED`: the port for health and metrics cannot be opened.
 * - `RUNTIME_METRIC_INVALID`: a metric or label name that Prometheus or the rules of this project refuse.
 */
export const RUNTIME_ERROR_CODES = [
  "RUNTIME_CONFIG_INVALID",
  "RUNTIME_CONFIG_UNREADABLE",
  "RUNTIME_DEADLINE_EXCEEDED",
  "RUNTIME_OPS_LISTEN_FAILED",
  "RUNTIME_METRIC_INVALID",
] as const;

export class RuntimeError extends DekhandError<(typeof RUNTIME_ERROR_CODES)[number]> {}

/** One fault of a configuration: where it is, and what was expected there. Never the value that was found. */
export interface ConfigProblem {
  /** Dotted path into the document (`profiles.pii.home`), or the name of an environment variable. */
  readonly path: string;
  /** Completes the sentence "expected …". */
  readonly expected: string;
  /** Nothing was found at `path`. */
  readonly missing?: true;
}

/** Every fault of one configuration at once; the message lists them one a line. */
export class ConfigError extends RuntimeError {
  readonly problems: readonly ConfigProblem[];

  constructor(source: string, problems: readonly ConfigProblem[]) {
    const lines = problems.map(
      ({ path, expected, missing }) => `  ${path}: ${missing ? "missing, " : ""}expected ${expected}`,
    );
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super("RUNTIME_CONFIG_INVALID", `${source}: ${count}\n${lines.join("\n")}`, {
      context: { source, problems: problems.length },
    });
    this.problems = problems;
  }
}
