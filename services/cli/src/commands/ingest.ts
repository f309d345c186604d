import { addAbortSignal, type Readable } from "node:stream";
import type { DeploymentConfig } from "@dekhand/runtime";
import { Command, Option } from "commander";
import { type CommandContext, print, printJson } from "../command-context.ts";
import { connect } from "../connect.ts";
import { CliError, QueueLost } from "../errors.ts";
import { loadConfig } from "../load-config.ts";
import { keyValue, number } from "../options.ts";
import { SomeFailed } from "../run-outcome.ts";
import { counted } from "../terminal/counted.ts";
import { startProgress } from "../terminal/progress.ts";
import { findInputFile, type InputFile } from "./input-file.ts";
import { readLines } from "./json-lines.ts";
import { withContentId } from "./line-job-id.ts";
import { type LineMapping, lineToRecord, type MappedLine } from "./line-to-record.ts";
import { type FailedLine, noteFailedLines } from "./note-lines.ts";
import { submitInBatches } from "./submit-in-batches.ts";

interface IngestOptions {
  readonly profile?: string;
  readonly idField: string;
  readonly context?: Readonly<Record<string, string>>;
  readonly contextField?: readonly string[];
  readonly revisionField?: string;
  readonly fromLine: number;
  readonly via: "sqs" | "bullmq";
  readonly json?: boolean;
}

export function ingestCommand(context: CommandContext): Command {
  return new Command("ingest")
    .description("Submit a JSON-lines file: each line becomes one record, byte for byte")
    .argument("<file>", "a file, or - for standard input")
    .option("--profile <name>", "the records' profile (default: the only one of the configuration)")
    .option("--id-field <name>", "field that holds the record id", "id")
    .option("--context <key=value>", "a context key with one value for all records; repeat for more", keyValue)
    .option("--context-field <name>", "field whose value becomes a context key; repeat for more", gather)
    .option("--revision-field <name>", "field that holds the record's revision")
    .option("--from-line <n>", "pass over the lines before this one", number({ min: 1, integer: true }), 1)
    .addOption(new Option("--via <queue>", "the kind of queue").choices(["sqs", "bullmq"]).default("sqs"))
    .option("--json", "print one JSON document")
    .action(async (file: string, options: IngestOptions, command: Command) => {
      const { config } = await loadConfig(context, command);
      const mapping = mappingOf(config, options);
      await using connection = connect(config, context);
      const input: InputFile = file === "-" ? { open: () => context.stdin } : await findInputFile(file);
      const client = await connection.client();
      const failures: FailedLine[] = [];
      let submitted = 0;
      let ended: Ended = { kind: "interrupted" };
      const source = input.open();
      try {
        using progress = startProgress({ label: "submitting", totalBytes: input.bytes, stream: context.stderr });
        const mapped = mapLines(source, mapping, { fromLine: options.fromLine, signal: context.signal });
        for await (const outcome of submitInBatches(mapped, client, { via: options.via, signal: context.signal })) {
          if (outcome.ok) submitted += 1;
          else failures.push({ line: outcome.line, reason: outcome.reason });
          progress.advance(1, outcome.endsAt);
        }
        progress.finish();
        ended = { kind: "finished" };
      } catch (error) {
        if (error instanceof QueueLost) ended = { kind: "lost", fromLine: error.fromLine };
        throw error;
      } finally {
        source.destroy();
        // Also on the way out: what has been submitted stays submitted.
        report(context, options, { submitted, failures, ended });
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
  const { context = {}, contextField: contextFields = [], idField, revisionField } = options;
  const profiles = Object.values(config.profiles);
  const only = profiles.length === 1 ? profiles[0] : undefined;
  const profile = options.profile === undefined ? only : profiles.find(({ name }) => name === options.profile);
  if (!profile) {
    const names = profiles.map(({ name }) => name).join(", ");
    throw new CliError("CLI_USAGE", `name the records' profile with --profile: ${names}`);
  }
  const missing = profile.required.filter((key) => !Object.hasOwn(context, key) && !contextFields.includes(key));
  if (missing.length > 0) {
    throw new CliError(
      "CLI_USAGE",
      `${profile.name} requires ${missing.join(", ")} in the records' context: give it with --context-field or --context`,
    );
  }
  return { profile: profile.name, idField, context, contextFields, revisionField };
}

async function* mapLines(
  source: Readable,
  mapping: LineMapping,
  { fromLine, signal }: { readonly fromLine: number; readonly signal: AbortSignal },
): AsyncGenerator<MappedLine> {
  // An abort ends the wait for input too.
  for await (const line of readLines(addAbortSignal(signal, source))) {
    if (line.number < fromLine || (line.kind === "line" && line.bytes.length === 0)) continue;
    const mapped = lineToRecord(line, mapping);
    yield mapped.kind === "record" ? { ...mapped, record: withContentId(mapped.record) } : mapped;
  }
}

type Ended =
  /** The input was read to its end. */
  | { readonly kind: "finished" }
  | { readonly kind: "interrupted" }
  /** The queue took nothing from this line on. */
  | { readonly kind: "lost"; readonly fromLine: number };

interface IngestResult {
  readonly submitted: number;
  readonly failures: readonly FailedLine[];
  readonly ended: Ended;
}

function report(context: CommandContext, { json }: IngestOptions, { submitted, failures, ended }: IngestResult): void {
  if (json) {
    const early = ended.kind === "finished" ? {} : { interrupted: true };
    const lost = ended.kind === "lost" ? { fromLine: ended.fromLine } : {};
    printJson(context, { submitted, failed: failures.length, failures, ...early, ...lost });
    return;
  }
  const counts = `${counted(submitted, "record")} submitted, ${counted(failures.length, "line")} failed`;
  print(context, `${counts}${advice(ended)}`);
  noteFailedLines(context, failures);
}

function advice(ended: Ended): string {
  switch (ended.kind) {
    case "finished":
      return "";
    case "interrupted":
      return "; ended early, and can be run again from the start";
    case "lost":
      return `; the queue takes no more: go on with --from-line ${ended.fromLine}`;
  }
}
