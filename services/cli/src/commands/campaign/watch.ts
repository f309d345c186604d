/** Follows a campaign to its end: a bar for each thing that is being done, and a line for each change. */

import type { Campaign, CampaignStore } from "@dekhand/store";
import { Command } from "commander";
import { type CommandContext, note, print } from "../../command-context.ts";
import { connect } from "../../connect.ts";
import { loadConfig } from "../../load-config.ts";
import { SomeFailed } from "../../run-outcome.ts";
import { escapeControl } from "../../terminal/escape-control.ts";
import { followCampaign } from "./follow-campaign.ts";
import { openCampaigns } from "./open-campaigns.ts";

export function watchCommand(context: CommandContext): Command {
  return new Command("watch")
    .description("Follow a campaign until it ends or is paused; exit code 0 where it is complete, 1 otherwise")
    .argument("<id>", "the campaign")
    .action(async (id: string, _: unknown, command: Command) => {
      const { config } = await loadConfig(context, command);
      await using connection = connect(config, context);
      await watchToEnd(context, await openCampaigns(connection), id);
    });
}

/** Throws SomeFailed where the campaign comes to another end than completion, or is paused. */
export async function watchToEnd(context: CommandContext, campaigns: CampaignStore, id: string): Promise<void> {
  const { campaign } = await followCampaign(campaigns, id, context, { onChange: (changed) => tell(context, changed) });
  print(context, `campaign ${id} is ${campaign.status}: ${escapeControl(campaign.last.reason)}`);
  if (campaign.status !== "complete") throw new SomeFailed();
}

function tell(context: CommandContext, { status, last }: Campaign): void {
  note(context, `${last.at} ${status}: ${escapeControl(last.reason)} (${escapeControl(last.actor)})`);
}
