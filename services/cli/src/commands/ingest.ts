import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { DeploymentConfig } from "@dekhand/runtime";
import { Command, Option } from "commander";
import { type CommandContext, note, print, printJson } from "../command-context.ts";
import { connect } from "../connect.ts";
import { CliError } from "../errors.ts";
import { loadConfig } from "../load-config.ts";
import { keyValue } from "../options.ts";
import { SomeFailed } from "../run-outcome.ts";
import { startProgress } from "../terminal/progress.ts";
import { readLines } from "./json-lines.ts";
import { type LineMapping, lineToRecord } from "./line-to-record.ts";
import { submitInBatches } from "./submit-in-batches.ts";

interface IngestOptions {
  readonly profile?: string;
  readonly idField: string;
  readonly context?: Readonly<Record<string, string>>;
  readonly contextField?: readonly string[];
  readonly revisionField?: string;
  readonly via: "sqs" | "bullmq";
  readonly json?: boolean;
}

/** Failed lines that are named one by one; the rest is counted. */
const namedFailures = 20;

export function ingestCommand(context: CommandContext): Command {
  return new Command("ingest")
    .description("Submit a JSON-lines file: each line becomes one record, byte for byte")
    .argument("<file>", "a file, or - for standard input")
    .option("--profile <name>", "the records' profile (default: the only one of the configuration)")
    .option("--id-field <name>", "field that holds the record id", "id")
    .option("--context <key=value>", "a context key with one value for all records; repeat for more", keyValue)
    .option("--context-field <name>", "field whose value becomes a context key; repeat for more", gather)
    .option("--revision-field <name>", "field that holds the record's revision")
    .addOption(new Option("--via <queue>", "the kind of queue").choices(["sqs", "bullmq"]).default("sqs"))
    .option("--json", "print one JSON document")
    .action(async (file: string, options: IngestOptions, command: Command) => {
      const { config } = await loadConfig(context, command);
      const mapping = mappingOf(config, options);
      await using connection = connect(config, context);
      const source = await openSource(file, context);
      const progress = startProgress({ label: "submitting", stream: context.stderr });
      const failures: { line: number; reason: string }[] = [];
      let submitted = 0;
      try {
        const client = await connection.client();
        const mapped = mapLines(source, mapping);
        for await (const outcome of submitInBatches(mapped, client, { via: options.via, signal: context.signal })) {
          if (outcome.ok) submitted += 1;
          else failures.push({ line: outcome.line, reason: outcome.reason });
          progress.advance();
        }
      } finally {
        progress.stop();
      }
      report(context, options, submitted, failures);
      if (failures.length > 0) throw new SomeFailed();
    });
}

function gather(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

function mappingOf(config: DeploymentConfig, options: IngestOptions): LineMapping {
  const names = Object.keys(config.profiles);
  const profile = options.profile ?? (names.length === 1 ? names[0] : undefined);
  if (profile === undefined || !names.includes(profile)) {
    throw new CliError("CLI_USAGE", `name the records' profile with --profile: ${names.join(", ")}`);
  }
  return {
    profile,
    idField: options.idField,
    context: options.context ?? {},
    contextFields: options.contextField ?? [],
    revisionField: options.revisionField,
  };
}

async function openSource(file: string, context: CommandContext): Promise<AsyncIterable<Buffer>> {
  if (file === "-") return context.stdin;
  try {
    await stat(file);
    return createReadStream(file);
  } catch (cause) {
    throw new CliError("CLI_INPUT_UNREADABLE", `cannot read ${file}`, { cause });
  }
}

async function* mapLines(source: AsyncIterable<Buffer>, mapping: LineMapping) {
  for await (const line of readLines(source)) {
    if (line.bytes.length > 0) yield lineToRecord(line, mapping);
  }
}

function report(
  context: CommandContext,
  options: IngestOptions,
  submitted: number,
  failures: readonly { line: number; reason: string }[],
): void {
  if (options.json) {
    printJson(context, { submitted, failed: failures.length, failures });
    return;
  }
  print(context, `${submitted} records submitted, ${failures.length} lines failed`);
  for (const { line, reason } of failures.slice(0, namedFailures)) note(context, `  line ${line}: ${reason}`);
  if (failures.length > namedFailures) note(context, `  and ${failures.length - namedFailures} more`);
}
