import { GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import { createBullRejectedJobs, createSqsRejectedJobs, type RejectedFilter, type RejectedJobs } from "@dekhand/jobs";
import { Command } from "commander";
import { type CommandContext, note, print, printJson } from "../command-context.ts";
import { type Connection, connect } from "../connect.ts";
import { CliError } from "../errors.ts";
import { loadConfig } from "../load-config.ts";
import { number } from "../options.ts";
import { withQueue } from "../queue-failure.ts";
import { SomeFailed } from "../run-outcome.ts";
import { confirm } from "../terminal/prompt.ts";
import { formatTable } from "../terminal/table.ts";

interface ListOptions {
  readonly limit: number;
  readonly json?: boolean;
}

interface RedriveOptions extends RejectedFilter {
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function jobsCommand(context: CommandContext): Command {
  const rejected = new Command("rejected").description("Jobs that were rejected, with their reasons");
  rejected
    .command("list")
    .description("List rejected jobs of both kinds of queue; they stay where they are")
    .option("--limit <n>", "at most this many of each kind", number({ min: 1, max: 10_000, integer: true }), 100)
    .option("--json", "print one JSON document")
    .action((options: ListOptions, command: Command) => list(context, options, command));
  rejected
    .command("redrive")
    .description("Put rejected jobs back on their queue, once what was wrong with them is mended")
    .option("--code <code>", "only those rejected with this reason code")
    .option("--job-id <id>", "only the job with this id")
    .option("--record-id <id>", "only the jobs of this record")
    .option("--yes", "redrive without asking")
    .option("--json", "print one JSON document")
    .action((options: RedriveOptions, command: Command) => redrive(context, options, command));
  return new Command("jobs").description("About the queues' jobs").addCommand(rejected);
}

async function list(context: CommandContext, { limit, json }: ListOptions, command: Command): Promise<void> {
  const { config } = await loadConfig(context, command);
  await using connection = connect(config, context);
  await using queues = await openQueues(connection, context.signal);
  const found = [];
  let more = false;
  for (const queue of queues.all) {
    // One more than is shown tells whether there are more.
    const listed = await queue.list({ limit: limit + 1, signal: context.signal });
    found.push(...listed.slice(0, limit));
    more ||= listed.length > limit;
  }
  const { state } = await connection.stores(config.control);
  const { entries: quarantine, cursor } = await state.listQuarantine({ limit, signal: context.signal });
  noteUnseen(connection, context);
  if (more) note(context, "there are more rejected jobs; raise --limit");
  if (cursor !== undefined) note(context, "there is more in quarantine; raise --limit");
  if (json) {
    printJson(context, { rejected: found, quarantine });
    return;
  }
  const rows = found.map((job) => [job.source, job.jobId ?? "", job.recordId ?? "", job.code, job.message, job.at]);
  for (const line of formatTable(["queue", "job", "record", "code", "reason", "at"], rows)) print(context, line);
  const kept = new Set(found.map(({ quarantineId }) => quarantineId));
  const alone = quarantine.filter(({ id }) => !kept.has(id));
  if (alone.length === 0) return;
  print(context);
  print(context, "In quarantine, without a body that could be redriven:");
  const quarantined = alone.map((entry) => [
    entry.source,
    entry.jobId ?? "",
    entry.recordId ?? "",
    entry.code,
    entry.message,
    entry.at,
  ]);
  for (const line of formatTable(["queue", "job", "record", "code", "reason", "at"], quarantined)) print(context, line);
}

async function redrive(context: CommandContext, options: RedriveOptions, command: Command): Promise<void> {
  const { config } = await loadConfig(context, command);
  const { code, jobId, recordId } = options;
  const filter: RejectedFilter = {
    ...(code === undefined ? {} : { code }),
    ...(jobId === undefined ? {} : { jobId }),
    ...(recordId === undefined ? {} : { recordId }),
  };
  const which = Object.keys(filter).length === 0 ? "every rejected job" : "the rejected jobs that match";
  const streams = { input: context.stdin, output: context.stderr };
  if (!options.yes && !(await confirm(`Put ${which} back on the queue?`, streams, context.signal))) {
    throw new CliError("CLI_NOT_CONFIRMED", "nothing was redriven; --yes does not ask");
  }
  await using connection = connect(config, context);
  await using queues = await openQueues(connection, context.signal);
  noteUnseen(connection, context);
  const { state } = await connection.stores(config.control);
  const total = { redriven: 0, left: 0, failed: 0 };
  for (const queue of queues.all) {
    const result = await queue.redrive(filter, {
      signal: context.signal,
      async onRedriven({ quarantineId }) {
        if (quarantineId !== undefined) await state.deleteQuarantine(quarantineId);
      },
    });
    total.redriven += result.redriven;
    total.left += result.left;
    total.failed += result.failed;
  }
  if (options.json) printJson(context, total);
  else print(context, `${total.redriven} redriven, ${total.left} not asked for, ${total.failed} failed`);
  if (total.failed > 0) throw new SomeFailed();
}

function noteUnseen({ redisUrl }: Connection, context: CommandContext): void {
  if (redisUrl === undefined) note(context, "DEKHAND_REDIS_URL is not set: Redis was not looked at");
}

interface OpenQueues extends AsyncDisposable {
  readonly all: readonly RejectedJobs[];
}

async function openQueues({ config, clients, redisUrl, logger }: Connection, signal: AbortSignal): Promise<OpenQueues> {
  const { sqs } = clients.region(config.control);
  const queue = config.queues.encrypt;
  const find = new GetQueueUrlCommand({ QueueName: queue });
  const { QueueUrl } = await withQueue(queue, signal, () => sqs.send(find, { abortSignal: signal }));
  if (QueueUrl === undefined) throw new CliError("CLI_USAGE", "SQS named no URL for the queue", { context: { queue } });
  const all = [createSqsRejectedJobs({ client: sqs, queueUrl: QueueUrl })];
  if (redisUrl !== undefined) {
    all.push(createBullRejectedJobs({ connection: { url: redisUrl }, queue, prefix: config.prefix, logger }));
  }
  return {
    all,
    async [Symbol.asyncDispose]() {
      await Promise.all(all.map((each) => each.close()));
    },
  };
}
