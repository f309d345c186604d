import { createReadStream } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import { addAbortSignal, type Readable } from "node:stream";
import type { DeploymentConfig } from "@dekhand/runtime";
import { Command, Option } from "commander";
import { type CommandContext, note, print, printJson } from "../command-context.ts";
import { connect } from "../connect.ts";
import { CliError } from "../errors.ts";
import { loadConfig } from "../load-config.ts";
import { keyValue } from "../options.ts";
import { SomeFailed } from "../run-outcome.ts";
import { escapeControl } from "../terminal/escape-control.ts";
import { startProgress } from "../terminal/progress.ts";
import { readLines } from "./json-lines.ts";
import { withContentId } from "./line-job-id.ts";
import { type LineMapping, lineToRecord, type MappedLine } from "./line-to-record.ts";
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
      const open = await findSource(file, context);
      const client = await connection.client();
      const failures: { line: number; reason: string }[] = [];
      let submitted = 0;
      let finished = false;
      const source = open();
      try {
        using progress = startProgress({ label: "submitting", stream: context.stderr });
        const mapped = mapLines(source, mapping, context.signal);
        for await (const outcome of submitInBatches(mapped, client, { via: options.via, signal: context.signal })) {
          if (outcome.ok) submitted += 1;
          else failures.push({ line: outcome.line, reason: outcome.reason });
          progress.advance();
        }
        progress.finish();
        finished = true;
      } finally {
        source.destroy();
        // Also on the way out: what has been submitted stays submitted.
        report(context, options, { submitted, failures, finished });
      }
      if (failures.length === 0) return;
      context.signal.throwIfAborted();
      throw new SomeFailed();
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

/** The input, to be opened when it is read: a file that cannot be is found out before anything else is done. */
async function findSource(file: string, context: CommandContext): Promise<() => Readable> {
  if (file === "-") return () => context.stdin;
  const unreadable = (cause?: unknown) => new CliError("CLI_INPUT_UNREADABLE", `cannot read ${file}`, { cause });
  const found = await stat(file).catch((cause: unknown) => {
    throw unreadable(cause);
  });
  if (found.isDirectory()) throw new CliError("CLI_INPUT_UNREADABLE", `cannot read ${file}: it is a directory`);
  await access(file, constants.R_OK).catch((cause: unknown) => {
    throw unreadable(cause);
  });
  return () => createReadStream(file);
}

async function* mapLines(source: Readable, mapping: LineMapping, signal: AbortSignal): AsyncGenerator<MappedLine> {
  // An abort ends the wait for input too.
  for await (const line of readLines(addAbortSignal(signal, source))) {
    if (line.bytes.length === 0) continue;
    const mapped = lineToRecord(line, mapping);
    yield mapped.kind === "record" ? { ...mapped, record: withContentId(mapped.record) } : mapped;
  }
}

interface IngestResult {
  readonly submitted: number;
  readonly failures: readonly { line: number; reason: string }[];
  /** Whether the input was read to its end. */
  readonly finished: boolean;
}

function report(context: CommandContext, { json }: IngestOptions, result: IngestResult): void {
  const { submitted, failures, finished } = result;
  if (json) {
    printJson(context, { submitted, failed: failures.length, failures, ...(finished ? {} : { interrupted: true }) });
    return;
  }
  const ended = finished ? "" : "; ended early, and can be run again from the start";
  print(context, `${submitted} records submitted, ${failures.length} lines failed${ended}`);
  for (const { line, reason } of failures.slice(0, namedFailures)) {
    note(context, `  line ${line}: ${escapeControl(reason)}`);
  }
  if (failures.length > namedFailures) note(context, `  and ${failures.length - namedFailures} more`);
}
