import {
  countHeadsUnder,
  DEFAULT_JOB_DEADLINE_MS,
  DEFAULT_SETTINGS,
  newCampaignId,
  type ResealSelection,
  startCampaign,
  writeJobDeadline,
  writeResealSelection,
  writeSettings,
} from "@dekhand/campaign";
import { parseDuration } from "@dekhand/runtime";
import { Command, InvalidArgumentError, Option } from "commander";
import { type CommandContext, print, printJson } from "../../command-context.ts";
import { type Connection, connect } from "../../connect.ts";
import { CliError } from "../../errors.ts";
import { loadConfig } from "../../load-config.ts";
import { number } from "../../options.ts";
import { confirm } from "../../terminal/prompt.ts";
import { formatTable } from "../../terminal/table.ts";
import { parsePart } from "./campaign-options.ts";
import { actOf, openCampaigns } from "./open-campaigns.ts";
import { resealRegions } from "./reseal-regions.ts";
import { watchToEnd } from "./watch.ts";

interface ResealOptions {
  readonly dek?: readonly string[];
  readonly profile?: string;
  readonly createdBefore?: string;
  readonly jobDeadline: number;
  readonly share?: number;
  readonly segments: number;
  readonly id?: string;
  readonly reason: string;
  readonly count: boolean;
  readonly yes?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

export function resealCommand(context: CommandContext): Command {
  return new Command("reseal")
    .description("Seal records again under new DEKs, because a DEK has leaked or is old; then the old ones are retired")
    .option("--dek <id...>", "DEKs that have leaked")
    .option("--profile <name>", "with --created-before: all DEKs of this profile that are old")
    .option("--created-before <time>", "with --profile: born before this instant, in ISO 8601")
    .addOption(
      new Option(
        "--job-deadline <duration>",
        "the longest that a worker may hold a job: the DEKs are not retired before",
      )
        .argParser(duration)
        .default(DEFAULT_JOB_DEADLINE_MS, "11h"),
    )
    .option("--share <part>", "of the deployment's KMS quota (default: as configured)", parsePart)
    .option("--segments <n>", "segments of each Region", number({ min: 1, max: 10_000, integer: true }), 64)
    .option("--id <id>", "the campaign's own id, to repeat the command safely (default: a new one)")
    .option("--no-count", "do not count the records first")
    .option("--reason <text>", "for the campaign's history", "started on the command line")
    .option("--yes", "start without asking")
    .option("--watch", "follow it to its end")
    .option("--json", "print the campaign as one JSON document")
    .action((options: ResealOptions, command: Command) => reseal(context, options, command));
}

async function reseal(context: CommandContext, options: ResealOptions, command: Command): Promise<void> {
  const { signal } = context;
  const selection = selectionOf(options);
  const { config } = await loadConfig(context, command);
  if ("profile" in selection && !Object.hasOwn(config.profiles, selection.profile)) {
    throw new CliError("CLI_USAGE", `the configuration has no profile ${selection.profile}`);
  }
  await using connection = connect(config, context);
  if (options.count && !options.json) await showCount(selection, connection, context);
  const streams = { input: context.stdin, output: context.stderr };
  if (!options.yes && !(await confirm("Seal these records again?", streams, signal))) {
    throw new CliError("CLI_NOT_CONFIRMED", "nothing was started; --yes does not ask");
  }
  const campaigns = await openCampaigns(connection);
  const { share, segments } = options;
  const settings = {
    ...writeSettings({ ...DEFAULT_SETTINGS, segments }),
    ...writeJobDeadline(options.jobDeadline),
    ...writeResealSelection(selection),
  };
  const wanted = {
    id: options.id ?? newCampaignId(),
    kind: "reseal" as const,
    targets: [],
    settings,
    controls: share === undefined ? {} : { share },
    ...actOf(context, options.reason),
  };
  const campaign = await startCampaign(campaigns, wanted, locksOf(selection), { signal });
  if (options.json) printJson(context, campaign);
  else print(context, `campaign ${campaign.id} is started`);
  if (options.watch) await watchToEnd(context, campaigns, campaign.id);
}

function selectionOf({ dek, profile, createdBefore }: ResealOptions): ResealSelection {
  if (dek !== undefined && profile === undefined && createdBefore === undefined) return { deks: dek };
  if (dek === undefined && profile !== undefined && createdBefore !== undefined) {
    // DEKs that the reseal itself makes would be selected.
    if (Date.parse(createdBefore) <= Date.now()) return { profile, createdBefore };
    throw new CliError("CLI_USAGE", "--created-before is an instant of the past, in ISO 8601");
  }
  throw new CliError("CLI_USAGE", "name DEKs with --dek, or a profile with --profile and --created-before");
}

/** One reseal for each DEK, or for the old ones of a profile. */
function locksOf(selection: ResealSelection): readonly string[] {
  return "deks" in selection ? selection.deks.map((dek) => `dek:${dek}`) : [`profile:${selection.profile}`];
}

async function showCount(selection: ResealSelection, connection: Connection, context: CommandContext): Promise<void> {
  const counted = await countHeadsUnder(selection, await resealRegions(connection), { signal: context.signal });
  const rows = counted.map(({ region, heads }) => [region, heads]);
  for (const line of formatTable(["Region", "records to seal again"], rows)) print(context, line);
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError("expected a duration with its unit, such as 30s, 5m or 11h");
}
