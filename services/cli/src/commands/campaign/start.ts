import {
  newCampaignId,
  type PlannedCampaignRequest,
  type ResolvedTargets,
  startCampaign,
  writeSettings,
} from "@dekhand/campaign";
import { Command } from "commander";
import { type CommandContext, print, printJson } from "../../command-context.ts";
import { type Connection, connect } from "../../connect.ts";
import { CliError } from "../../errors.ts";
import { loadConfig } from "../../load-config.ts";
import { startProgress } from "../../terminal/progress.ts";
import { confirm } from "../../terminal/prompt.ts";
import { addCampaignOptions, type CampaignOptions, readCampaignRequest } from "./campaign-options.ts";
import { actOf, openCampaigns } from "./open-campaigns.ts";
import { prepareCampaign, resolveRequest } from "./prepare-campaign.ts";
import { printPlan } from "./print-plan.ts";
import { watchToEnd } from "./watch.ts";

interface StartOptions extends CampaignOptions {
  readonly id?: string;
  readonly plan: boolean;
  readonly reason: string;
  readonly yes?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

export function startCommand(context: CommandContext): Command {
  const command = new Command("start").description(
    "Plan a campaign, show what it will do and cost, and start it; workers do it, whether or not anybody watches",
  );
  return addCampaignOptions(command)
    .option("--id <id>", "the campaign's own id, to repeat the command safely (default: a new one)")
    .option("--no-plan", "do not count the wraps first")
    .option("--reason <text>", "for the campaign's history", "started on the command line")
    .option("--yes", "start without asking")
    .option("--watch", "follow it to its end")
    .option("--json", "print the campaign as one JSON document")
    .action((options: StartOptions, self: Command) => start(context, options, self));
}

async function start(context: CommandContext, options: StartOptions, command: Command): Promise<void> {
  const { signal } = context;
  const request = readCampaignRequest(options);
  const { config } = await loadConfig(context, command);
  await using connection = connect(config, context);
  const { targets, locks } = await resolve(connection, request, options, context);
  const streams = { input: context.stdin, output: context.stderr };
  if (!options.yes && !(await confirm("Start this campaign?", streams, signal))) {
    throw new CliError("CLI_NOT_CONFIRMED", "nothing was started; --yes does not ask");
  }
  const campaigns = await openCampaigns(connection);
  const { kind, controls, settings } = request;
  const wanted = { id: options.id ?? newCampaignId(), kind, targets, controls, settings: writeSettings(settings) };
  const campaign = await startCampaign(campaigns, { ...wanted, ...actOf(context, options.reason) }, locks, { signal });
  if (options.json) printJson(context, campaign);
  else print(context, `campaign ${campaign.id} is started`);
  if (options.watch) await watchToEnd(context, campaigns, campaign.id);
}

async function resolve(
  connection: Connection,
  request: PlannedCampaignRequest,
  options: StartOptions,
  context: CommandContext,
): Promise<ResolvedTargets> {
  const { signal } = context;
  if (!options.plan) return resolveRequest(connection, request, { signal });
  using progress = startProgress({ label: "census", stream: context.stderr });
  const prepared = await prepareCampaign(connection, request, {
    signal,
    onProgress: (wraps) => progress.advance(wraps),
  });
  progress.finish();
  // Data goes to standard output: with --json, that is the campaign alone.
  if (!options.json) printPlan(context, prepared.plan);
  return prepared;
}
