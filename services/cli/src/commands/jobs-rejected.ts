import type { RejectedFilter, RejectedJob } from "@dekhand/jobs";
import { Command, Option } from "commander";
import { type CommandContext, note, print, printJson } from "../command-context.ts";
import { type Connection, connect } from "../connect.ts";
import { CliError } from "../errors.ts";
import { loadConfig } from "../load-config.ts";
import { number } from "../options.ts";
import { openRejectedQueues, type QueueKey, queueKeys } from "../rejected-queues.ts";
import { SomeFailed } from "../run-outcome.ts";
import { confirm } from "../terminal/prompt.ts";
import { formatTable } from "../terminal/table.ts";

interface ListOptions {
  readonly queue?: QueueKey;
  readonly limit: number;
  readonly json?: boolean;
}

interface RedriveOptions extends RejectedFilter {
  readonly queue?: QueueKey;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function jobsCommand(context: CommandContext): Command {
  const rejected = new Command("rejected").description("Jobs that were rejected, with their reasons");
  rejected
    .command("list")
    .description("List rejected jobs of every queue, SQS and Redis; they stay where they are")
    .addOption(queueOption())
    .option("--limit <n>", "at most this many of each queue", number({ min: 1, max: 10_000, integer: true }), 100)
    .option("--json", "print one JSON document")
    .action((options: ListOptions, command: Command) => list(context, options, command));
  rejected
    .command("redrive")
    .description("Put rejected jobs back on their queue, once what was wrong with them is mended")
    .addOption(queueOption())
    .option("--code <code>", "only those rejected with this reason code")
    .option("--job-id <id>", "only the job with this id")
    .option("--record-id <id>", "only the jobs of this record")
    .option("--yes", "redrive without asking")
    .option("--json", "print one JSON document")
    .action((options: RedriveOptions, command: Command) => redrive(context, options, command));
  return new Command("jobs").description("About the queues' jobs").addCommand(rejected);
}

function queueOption(): Option {
  return new Option("--queue <kind>", "only jobs of this kind (default: all)").choices(queueKeys);
}

async function list(context: CommandContext, options: ListOptions, command: Command): Promise<void> {
  const { limit, json } = options;
  const { config } = await loadConfig(context, command);
  await using connection = connect(config, context);
  await using queues = await openRejectedQueues(connection, options.queue, context.signal);
  const listings = await Promise.all(
    queues.all.map(async ({ queue, rejected }) => {
      // One more than is shown tells whether there are more.
      const listed = await rejected.list({ limit: limit + 1, signal: context.signal });
      return { jobs: listed.slice(0, limit).map((job) => ({ ...job, queue })), more: listed.length > limit };
    }),
  );
  const found = listings.flatMap(({ jobs }) => jobs);
  const more = listings.some((listing) => listing.more);
  const { state } = await connection.stores(config.control);
  const { entries, cursor } = await state.listQuarantine({ limit, signal: context.signal });
  // Without a choice, those of a queue that the configuration no longer names are shown too.
  const quarantine = options.queue === undefined ? entries : entries.filter(({ queue }) => queues.names.has(queue));
  noteUnseen(connection, context);
  if (more) note(context, "there are more rejected jobs; raise --limit");
  if (cursor !== undefined) note(context, "there is more in quarantine; raise --limit");
  if (json) {
    printJson(context, { rejected: found, quarantine });
    return;
  }
  for (const line of formatTable(headings, found.map(toRow))) print(context, line);
  const kept = new Set(found.map(({ quarantineId }) => quarantineId));
  const alone = quarantine.filter(({ id }) => !kept.has(id));
  if (alone.length === 0) return;
  print(context);
  print(context, "In quarantine, without a body that could be redriven:");
  for (const line of formatTable(headings, alone.map(toRow))) print(context, line);
}

const headings = ["queue", "via", "job", "record", "code", "reason", "at"];

type Listed = Pick<RejectedJob, "jobId" | "recordId" | "code" | "message" | "at"> & Record<"queue" | "source", string>;

function toRow({ queue, source, jobId = "", recordId = "", code, message, at }: Listed): string[] {
  return [queue, source, jobId, recordId, code, message, at];
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
  await using queues = await openRejectedQueues(connection, options.queue, context.signal);
  noteUnseen(connection, context);
  const { state } = await connection.stores(config.control);
  const total = { redriven: 0, left: 0, failed: 0 };
  for (const { rejected } of queues.all) {
    const result = await rejected.redrive(filter, {
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
