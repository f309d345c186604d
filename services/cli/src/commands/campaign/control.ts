/** What an operator does to a campaign that lives: pause, resume, cancel, another share. */

import { applyTrigger } from "@dekhand/campaign";
import { type Campaign, type CampaignStore, StoreError } from "@dekhand/store";
import { Command } from "commander";
import { type CommandContext, print, printJson } from "../../command-context.ts";
import { connect } from "../../connect.ts";
import { CliError } from "../../errors.ts";
import { loadConfig } from "../../load-config.ts";
import { confirm } from "../../terminal/prompt.ts";
import { parsePart } from "./campaign-options.ts";
import { actOf, openCampaigns, requireCampaign } from "./open-campaigns.ts";

interface ActOptions {
  readonly reason: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

type OperatorTrigger = "pause" | "resume" | "cancel";

export const pauseCommand = (context: CommandContext) =>
  actCommand(
    context,
    "pause",
    "Pause a campaign: workers stop within seconds, and go on from there when it is resumed",
  );

export const resumeCommand = (context: CommandContext) =>
  actCommand(context, "resume", "Resume a paused campaign; failures that are open are tried again");

export function cancelCommand(context: CommandContext): Command {
  return actCommand(
    context,
    "cancel",
    "Cancel a campaign for good: what is rewrapped stays so, and opens under its new key as before under the old one",
  ).option("--yes", "cancel without asking");
}

function actCommand(context: CommandContext, kind: OperatorTrigger, description: string): Command {
  return new Command(kind)
    .description(description)
    .argument("<id>", "the campaign")
    .option("--reason <text>", "for the campaign's history", `${kind} asked for on the command line`)
    .option("--json", "print the campaign as one JSON document")
    .action(async (id: string, options: ActOptions, command: Command) => {
      const { config } = await loadConfig(context, command);
      const streams = { input: context.stdin, output: context.stderr };
      if (kind === "cancel" && !options.yes && !(await confirm(`Cancel campaign ${id}?`, streams, context.signal))) {
        throw new CliError("CLI_NOT_CONFIRMED", "nothing was cancelled; --yes does not ask");
      }
      await using connection = connect(config, context);
      const campaigns = await openCampaigns(connection);
      show(context, await act(campaigns, id, kind, options.reason, context), options);
    });
}

/** Tries again where the campaign changes in between: an operator means it as it is, not as it was. */
async function act(
  campaigns: CampaignStore,
  id: string,
  kind: OperatorTrigger,
  reason: string,
  context: CommandContext,
): Promise<Campaign> {
  const { signal } = context;
  for (;;) {
    const campaign = await requireCampaign(campaigns, id, signal);
    try {
      return await applyTrigger(campaigns, campaign, { kind }, actOf(context, reason), { signal });
    } catch (error) {
      if (!(error instanceof StoreError && error.code === "STORE_CAMPAIGN_CHANGED")) throw error;
    }
  }
}

export function shareCommand(context: CommandContext): Command {
  return new Command("share")
    .description(
      "Change the part of the deployment's KMS quota that a campaign may use; it takes effect within seconds",
    )
    .argument("<id>", "the campaign")
    .argument("<part>", "above 0 and at most 1", parsePart)
    .option("--reason <text>", "for the campaign's history", "share changed on the command line")
    .option("--json", "print the campaign as one JSON document")
    .action(async (id: string, share: number, options: ActOptions, command: Command) => {
      const { config } = await loadConfig(context, command);
      await using connection = connect(config, context);
      const campaigns = await openCampaigns(connection);
      await requireCampaign(campaigns, id, context.signal);
      const change = { controls: { share }, ...actOf(context, options.reason) };
      show(context, await campaigns.setControls(id, change, { signal: context.signal }), options);
    });
}

function show(context: CommandContext, campaign: Campaign, { json }: Pick<ActOptions, "json">): void {
  if (json) printJson(context, campaign);
  else print(context, `campaign ${campaign.id} is ${campaign.status}`);
}
