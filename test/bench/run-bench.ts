/**
 * `npm run bench -- <name> [--json] [--quick] [--write]`.
 *
 * The table goes to standard output; with --json, one JSON document and nothing
 * else. Ends with 2 where the command line is not understood. Whether a target is
 * met is said, and changes no exit code: figures of a busy machine prove nothing.
 */

import { parseArgs } from "node:util";
import type { Benchmark, Report } from "./benchmark.ts";
import { describeEnvironment } from "./environment.ts";
import { renderText } from "./render-text.ts";

export interface BenchDeps {
  readonly benchmarks: readonly Benchmark[];
  readonly writeToDocs: (report: Report) => Promise<string>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** Returns the exit code. */
export async function runBench(args: readonly string[], deps: BenchDeps): Promise<number> {
  const command = parseCommand(args);
  const benchmark = deps.benchmarks.find(({ name }) => name === command?.name);
  if (command?.help) {
    deps.stdout(usage(deps.benchmarks));
    return 0;
  }
  if (command === undefined || benchmark === undefined) {
    deps.stderr(usage(deps.benchmarks));
    return 2;
  }
  const { quick, json, write } = command;
  const measurements = await benchmark.run({ quick });
  const met = measurements.targets.every((target) => target.met);
  const environment = describeEnvironment();
  const report: Report = { benchmark: benchmark.name, quick, environment, met, ...measurements };
  deps.stdout(json ? `${JSON.stringify(report, undefined, 2)}\n` : renderText(report));
  if (write) deps.stderr(`written to ${await deps.writeToDocs(report)}\n`);
  return 0;
}

function parseCommand(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    if (positionals.length > 1) return undefined;
    return { name: positionals[0], help: false, json: false, quick: false, write: false, ...values };
  } catch {
    return undefined;
  }
}

const options = {
  json: { type: "boolean" },
  quick: { type: "boolean" },
  write: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

function usage(benchmarks: readonly Benchmark[]): string {
  const names = benchmarks.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}\n`).join("");
  return `Usage: npm run bench -- <benchmark> [options]

Benchmarks:
${names}
Options:
  --json      one JSON document on standard output
  --quick     shorter, with more noise
  --write     put the table into docs/benchmarks.md
  --help      this text
`;
}
