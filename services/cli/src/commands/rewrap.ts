import {
  createBullRewrapProducer,
  createSqsRewrapProducer,
  type JobProducer,
  type RewrapJobInput,
  type SubmitResult,
} from "@dekhand/jobs";
import type { DeploymentConfig } from "@dekhand/runtime";
import { Command, Option } from "commander";
import { type CommandContext, note, print, printJson } from "../command-context.ts";
import { type Connection, connect } from "../connect.ts";
import { CliError } from "../errors.ts";
import { loadConfig } from "../load-config.ts";
import { queueUrl } from "../queue-url.ts";
import { SomeFailed } from "../run-outcome.ts";
import { counted } from "../terminal/counted.ts";
import { reasonOf } from "./submit-in-batches.ts";

interface RewrapOptions {
  readonly region?: string;
  readonly via: "sqs" | "bullmq";
  readonly json?: boolean;
}

export function rewrapCommand(context: CommandContext): Command {
  return new Command("rewrap")
    .description("Ask for single DEKs to be brought under their profile's current key; a rewrapper does it")
    .argument("<dekId...>", "the DEKs")
    .option("--region <region>", "the Region of their wraps (default: the profiles' home, where all have one)")
    .addOption(new Option("--via <kind>", "the kind of queue").choices(["sqs", "bullmq"]).default("sqs"))
    .option("--json", "print one JSON document: what was submitted, and what was not")
    .action(async (dekIds: string[], options: RewrapOptions, command: Command) => {
      const { config } = await loadConfig(context, command);
      const region = options.region ?? onlyHome(config);
      await using connection = connect(config, context);
      const results = await submit(
        await openProducer(connection, options.via, context.signal),
        dekIds.map((dekId) => ({ dekId, region })),
        context.signal,
      );
      const items = results.map((result, index) => ({ dekId: dekIds[index] ?? "", result }));
      const submitted = items.flatMap(({ dekId, result }) => (result.ok ? [{ dekId, region, jobId: result.id }] : []));
      const failed = items.flatMap(({ dekId, result }) =>
        result.ok ? [] : [{ dekId, code: result.error.code, message: result.error.message }],
      );
      for (const each of failed) note(context, `${each.dekId}: ${reasonOf(each)}`);
      if (options.json) printJson(context, { submitted, failed });
      else print(context, `${counted(submitted.length, "job")} submitted, ${failed.length} not`);
      if (failed.length > 0) throw new SomeFailed();
    });
}

function onlyHome({ profiles }: DeploymentConfig): string {
  const homes = new Set(Object.values(profiles).map(({ home }) => home));
  const [home] = homes;
  if (home === undefined || homes.size > 1)
    throw new CliError("CLI_USAGE", `the profiles have several home Regions: name one with --region`);
  return home;
}

async function openProducer(
  connection: Connection,
  via: RewrapOptions["via"],
  signal: AbortSignal,
): Promise<JobProducer<RewrapJobInput>> {
  const { config, clients, redisUrl, logger } = connection;
  const queue = config.queues.rewrap;
  if (via === "sqs") {
    const url = await queueUrl(connection, queue, signal);
    return createSqsRewrapProducer({ client: clients.region(config.control).sqs, queueUrl: url });
  }
  if (redisUrl === undefined) throw new CliError("CLI_USAGE", "submitting over BullMQ needs DEKHAND_REDIS_URL");
  return createBullRewrapProducer({ connection: { url: redisUrl }, queue, prefix: config.prefix, logger });
}

async function submit(
  producer: JobProducer<RewrapJobInput>,
  jobs: readonly RewrapJobInput[],
  signal: AbortSignal,
): Promise<readonly SubmitResult[]> {
  try {
    return await producer.submit(jobs, { signal });
  } finally {
    await producer.close();
  }
}
