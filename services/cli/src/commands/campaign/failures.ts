import { applyTrigger } from "@dekhand/campaign";
import { type CampaignFailure, type CampaignStore, FAILURE_STATES, type FailureState } from "@dekhand/store";
import { Command, Option } from "commander";
import { type CommandContext, note, print, printJson } from "../../command-context.ts";
import { connect } from "../../connect.ts";
import { CliError } from "../../errors.ts";
import { loadConfig } from "../../load-config.ts";
import { number } from "../../options.ts";
import { formatTable } from "../../terminal/table.ts";
import { actOf, openCampaigns, requireCampaign } from "./open-campaigns.ts";

interface ListOptions {
  readonly state: FailureState | "all";
  readonly limit: number;
  readonly json?: boolean;
}

interface SkipOptions {
  readonly reason: string;
  readonly store: string;
  readonly region?: string;
}

export function failuresCommand(context: CommandContext): Command {
  const failures = new Command("failures").description("What a campaign could not do, wrap by wrap");
  failures
    .command("list", { isDefault: true })
    .description("List failures with their class, attempts and last error")
    .argument("<id>", "the campaign")
    .addOption(new Option("--state <state>", "which").choices([...FAILURE_STATES, "all"]).default("open"))
    .option("--limit <n>", "at most this many", number({ min: 1, max: 100_000, integer: true }), 100)
    .option("--json", "print one JSON document")
    .action((id: string, options: ListOptions, command: Command) => list(context, id, options, command));
  failures
    .command("retry")
    .description("Try all open failures again, once what was wrong with them is mended; resumes the campaign")
    .argument("<id>", "the campaign")
    .option("--reason <text>", "for the campaign's history", "failures are to be retried")
    .action((id: string, options: { readonly reason: string }, command: Command) =>
      retry(context, id, options, command),
    );
  failures
    .command("skip")
    .description("Leave failures as they are, and say why: the reason stands in the evidence. Resume the campaign then")
    .argument("<id>", "the campaign")
    .argument("<wrap...>", "ids of the wraps (of Dekhand's own: the DEK ids)")
    .requiredOption("--reason <text>", "why it is right to leave them")
    .option("--store <name>", "the wrap store", "dekhand")
    .option("--region <region>", "the Region of the wraps (default: the store's, where it has one)")
    .action((id: string, wraps: string[], options: SkipOptions, command: Command) =>
      skip(context, { id, wraps }, options, command),
    );
  return failures;
}

async function list(context: CommandContext, id: string, options: ListOptions, command: Command): Promise<void> {
  const { state, limit, json } = options;
  const { config } = await loadConfig(context, command);
  await using connection = connect(config, context);
  const campaigns = await openCampaigns(connection);
  await requireCampaign(campaigns, id, context.signal);
  const found = await read(campaigns, id, { state, limit: limit + 1, signal: context.signal });
  if (found.length > limit) note(context, "there are more failures; raise --limit");
  const shown = found.slice(0, limit);
  if (json) {
    printJson(context, shown);
    return;
  }
  for (const line of formatTable(headings, shown.map(toRow))) print(context, line);
}

async function read(
  campaigns: Pick<CampaignStore, "listFailures">,
  id: string,
  { state, limit, signal }: Pick<ListOptions, "state" | "limit"> & { readonly signal: AbortSignal },
): Promise<readonly CampaignFailure[]> {
  const failures: CampaignFailure[] = [];
  let cursor: string | undefined;
  do {
    const page = await campaigns.listFailures(id, {
      cursor,
      limit: 500,
      signal,
      ...(state === "all" ? {} : { state }),
    });
    failures.push(...page.entries);
    ({ cursor } = page);
  } while (cursor !== undefined && failures.length < limit);
  return failures;
}

const headings = ["store", "Region", "wrap", "state", "class", "attempts", "last at", "error"];

function toRow(failure: CampaignFailure): (string | number)[] {
  const { store, region, id, state, attempts, at, code, message, skipped } = failure;
  const error = skipped ? `skipped: ${skipped.reason}` : `${code}: ${message}`;
  return [store, region, id, state, failure.class, attempts, at, error];
}

async function retry(context: CommandContext, id: string, { reason }: { readonly reason: string }, command: Command) {
  const { signal } = context;
  const { config } = await loadConfig(context, command);
  await using connection = connect(config, context);
  const campaigns = await openCampaigns(connection);
  const campaign = await requireCampaign(campaigns, id, signal);
  const { open } = await campaigns.countFailures(id, { signal });
  if (open === 0) {
    print(context, "no failure is open");
    return;
  }
  if (campaign.status === "running" || campaign.status === "verifying") {
    print(
      context,
      `the campaign is ${campaign.status}: its open failures (${open}) are tried again at the end of the sweep`,
    );
    return;
  }
  await applyTrigger(campaigns, campaign, { kind: "resume" }, actOf(context, reason), { signal });
  print(context, `campaign ${id} goes on with its open failures: ${open}`);
}

async function skip(
  context: CommandContext,
  { id, wraps }: { readonly id: string; readonly wraps: readonly string[] },
  { reason, store, region: given }: SkipOptions,
  command: Command,
): Promise<void> {
  const { config } = await loadConfig(context, command);
  await using connection = connect(config, context);
  const campaigns = await openCampaigns(connection);
  const campaign = await requireCampaign(campaigns, id, context.signal);
  const regions = campaign.targets.filter((target) => target.store === store).map((target) => target.region);
  const region = given ?? (regions.length === 1 ? regions[0] : undefined);
  if (region === undefined) throw new CliError("CLI_USAGE", "name the Region of the wraps with --region");
  for (const wrap of wraps) {
    await campaigns.skipFailure(id, { store, region, id: wrap }, actOf(context, reason), { signal: context.signal });
    print(context, `${wrap} is left as it is`);
  }
}
