import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { EncryptJobInput } from "@dekhand/jobs";
import { Command } from "commander";
import { type CommandContext, note, printJson } from "../command-context.ts";
import { commandLogger } from "../connect.ts";
import { printResult } from "../demo/print-result.ts";
import { type DemoInput, runDemo } from "../demo/run-demo.ts";
import { sampleRecords } from "../demo/sample-records.ts";
import { connectEmbedded } from "../embedded/connect-embedded.ts";
import { describeDeployment } from "../embedded/describe-deployment.ts";
import { startEmbedded } from "../embedded/start-embedded.ts";
import { startServices } from "../embedded/start-services.ts";
import { CliError } from "../errors.ts";
import { number } from "../options.ts";
import { SomeFailed } from "../run-outcome.ts";
import { untilAborted } from "../until-aborted.ts";
import { readLines } from "./json-lines.ts";
import { lineToRecord } from "./line-to-record.ts";

interface DemoOptions {
  readonly records: number;
  readonly seed: number;
  readonly input?: string;
  readonly idField: string;
  readonly keep?: boolean;
  readonly json?: boolean;
}

export function demoCommand(context: CommandContext): Command {
  return new Command("demo")
    .description("Run a whole deployment on this machine: ingest records, read each one back, and compare")
    .option("--records <n>", "sample records to ingest", number({ min: 1, max: 10_000_000, integer: true }), 2_000)
    .option("--seed <n>", "seed of the sample", number({ min: 0, integer: true }), 1)
    .option("--input <file>", "ingest this JSON-lines file instead of a sample")
    .option("--id-field <name>", "field of the input that holds the record id", "id")
    .option("--keep", "leave the deployment running afterwards, and say how to talk to it")
    .option("--json", "print one JSON document on standard output")
    .action(async (options: DemoOptions) => {
      const input = await inputOf(options);
      note(context, "starting KMS, SQS, DynamoDB and Redis on this machine");
      await using embedded = await startEmbedded({
        regions: ["us-east-1"],
        redisUrl: context.env.DEKHAND_REDIS_URL || undefined,
      });
      await using connected = await connectEmbedded(embedded, context);
      await using services = await startServices(embedded, commandLogger(context));

      const result = await runDemo(input, {
        embedded,
        connection: connected.connection,
        encryptor: services.encryptor,
        context,
      });
      if (options.json) printJson(context, result);
      else printResult(context, result);
      if (options.keep) {
        for (const line of describeDeployment(embedded, { services, transitKey: await connected.transitKey() }))
          note(context, line);
        note(context, "running until interrupted (Ctrl-C)");
        await untilAborted(context.signal);
      }
      if (result.mismatched > 0 || result.opened !== result.records) throw new SomeFailed();
    });
}

async function inputOf(options: DemoOptions): Promise<DemoInput> {
  const { input, idField, records, seed } = options;
  if (input === undefined) return { records: sample(records, seed), total: records };
  try {
    if ((await stat(input)).isDirectory()) throw new TypeError("a directory");
  } catch (cause) {
    throw new CliError("CLI_INPUT_UNREADABLE", `cannot read ${input}`, { cause });
  }
  return { records: fromFile(input, idField) };
}

async function* sample(count: number, seed: number): AsyncGenerator<EncryptJobInput> {
  for (const record of sampleRecords(count, seed)) yield { profile: "customer-pii", ...record };
}

/** Anybody's lines: their fields are unknown, so they go to the profile that requires no context. */
async function* fromFile(file: string, idField: string): AsyncGenerator<EncryptJobInput> {
  const mapping = { profile: "documents", idField, context: {}, contextFields: [] };
  for await (const line of readLines(createReadStream(file))) {
    if (line.bytes.length === 0) continue;
    const mapped = lineToRecord(line, mapping);
    if (mapped.kind === "unusable") {
      throw new CliError("CLI_INPUT_UNREADABLE", `${file}, line ${mapped.line}: ${mapped.reason}`);
    }
    yield mapped.record;
  }
}
