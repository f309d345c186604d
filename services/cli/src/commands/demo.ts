import { Command } from "commander";
import { type CommandContext, note, printJson } from "../command-context.ts";
import { succeeded } from "../demo/demo-result.ts";
import { printResult } from "../demo/print-result.ts";
import { runDemo } from "../demo/run-demo.ts";
import { sampleRecords } from "../demo/sample-records.ts";
import type { DemoInput } from "../demo/submit-all.ts";
import { describeDeployment } from "../embedded/describe-deployment.ts";
import type { EmbeddedReplicas } from "../embedded/embedded-config.ts";
import { runDeployment } from "../embedded/run-deployment.ts";
import { startEmbedded } from "../embedded/start-embedded.ts";
import { CliError } from "../errors.ts";
import { number } from "../options.ts";
import { redisUrlOf } from "../redis-url.ts";
import { SomeFailed } from "../run-outcome.ts";
import { untilAborted } from "../until-aborted.ts";
import { findInputFile, type InputFile } from "./input-file.ts";
import { readLines } from "./json-lines.ts";
import { lineToRecord, type MappedLine } from "./line-to-record.ts";

/** Somebody is looking on: oftener than services need to. */
const campaignsEveryMs = 200;
const debtEveryMs = 1_000;

const home = "us-east-1";
const replicas: EmbeddedReplicas = { "eu-west-1": "multi-region", "ap-southeast-2": "encrypt" };

interface DemoOptions {
  readonly records: number;
  readonly seed: number;
  readonly input?: string;
  readonly idField: string;
  readonly campaigns: boolean;
  readonly replicas: boolean;
  readonly keep?: boolean;
  readonly json?: boolean;
}

export function demoCommand(context: CommandContext): Command {
  return new Command("demo")
    .description(
      "Run a whole deployment of three Regions on this machine: ingest records, read each one back and compare, " +
        "rotate their keys, move them to other keys, cut the home Region off, and read each one in both others",
    )
    .option("--records <n>", "sample records to ingest", number({ min: 1, max: 10_000_000, integer: true }), 2_000)
    .option("--seed <n>", "seed of the sample", number({ min: 0, integer: true }), 1)
    .option("--input <file>", "ingest this JSON-lines file instead of a sample")
    .option("--id-field <name>", "field of the input that holds the record id", "id")
    .option("--no-campaigns", "do not rotate keys")
    .option("--no-replicas", "stay in one Region: for inputs that fill the memory with three")
    .option("--keep", "leave the deployment running afterwards, and say how to talk to it")
    .option("--json", "print one JSON document on standard output")
    .action(async (options: DemoOptions) => {
      const input = await inputOf(options);
      const redisUrl = redisUrlOf(context);
      note(context, "starting KMS, SQS, DynamoDB and Redis on this machine");
      const copied = options.replicas ? replicas : {};
      const regions = [home, ...Object.keys(copied)];
      await using embedded = await startEmbedded({ regions, replicas: copied, redisUrl });
      await using deployment = await runDeployment(embedded, context, { campaignsEveryMs, debtEveryMs });

      const result = await runDemo(input, { embedded, deployment, context }, { campaigns: options.campaigns });
      if (options.json) printJson(context, result);
      else printResult(context, result);
      if (options.keep) {
        const { services } = deployment;
        const lines = describeDeployment(embedded, { services, transitKey: await deployment.transitKey() });
        for (const line of lines) note(context, line);
        note(context, "running until interrupted (Ctrl-C)");
        await untilAborted(context.signal);
      }
      if (!succeeded(result)) throw new SomeFailed();
    });
}

async function inputOf({ input, idField, records, seed }: DemoOptions): Promise<DemoInput> {
  if (input === undefined) return { profile: sampleProfile, lines: sample(records, seed), total: records };
  const file = await findInputFile(input);
  return { profile: inputProfile, lines: linesOf(file, { path: input, idField }), totalBytes: file.bytes };
}

const sampleProfile = "customer-pii";
/** Anybody's lines: their fields are unknown, so they go to the profile that requires no context. */
const inputProfile = "documents";

async function* sample(count: number, seed: number): AsyncGenerator<MappedLine> {
  let line = 0;
  for (const record of sampleRecords(count, seed)) {
    line += 1;
    yield { kind: "record", line, record: { profile: sampleProfile, ...record } };
  }
}

async function* linesOf(
  file: InputFile,
  { path, idField }: { readonly path: string; readonly idField: string },
): AsyncGenerator<MappedLine> {
  const mapping = { profile: inputProfile, idField, context: {}, contextFields: [] };
  let found = false;
  for await (const line of readLines(file.open())) {
    if (line.kind === "line" && line.bytes.length === 0) continue;
    found = true;
    yield lineToRecord(line, mapping);
  }
  // A comparison of nothing would have passed.
  if (!found) throw new CliError("CLI_INPUT_UNREADABLE", `${path} has no records`);
}
