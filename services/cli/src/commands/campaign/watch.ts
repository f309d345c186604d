/** Follows a campaign to its end: a bar for each thing that is being done, and a line for each change. */

import { type CampaignProgress, progressOf } from "@dekhand/campaign";
import { sleep } from "@dekhand/runtime";
import { type Campaign, type CampaignStore, isEnded } from "@dekhand/store";
import { Command } from "commander";
import { type CommandContext, note, print } from "../../command-context.ts";
import { connect } from "../../connect.ts";
import { loadConfig } from "../../load-config.ts";
import { SomeFailed } from "../../run-outcome.ts";
import { escapeControl } from "../../terminal/escape-control.ts";
import { type Progress, startProgress } from "../../terminal/progress.ts";
import { openCampaigns } from "./open-campaigns.ts";
import { settledView } from "./status.ts";

const lookEveryMs = 500;

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
export async function watchToEnd(context: CommandContext, campaigns: CampaignStore, id: string): Promise<Campaign> {
  using display = createDisplay(context);
  let seen = 0;
  for (;;) {
    const view = await settledView(campaigns, id, context.signal);
    const { campaign } = view;
    display.show(progressOf(view));
    if (campaign.version !== seen) {
      display.pauseFor(() => tell(context, campaign));
      seen = campaign.version;
    }
    if (isEnded(campaign.status) || campaign.status === "paused") {
      display.end();
      print(context, `campaign ${id} is ${campaign.status}: ${escapeControl(campaign.last.reason)}`);
      if (campaign.status !== "complete") throw new SomeFailed();
      return campaign;
    }
    await sleep(lookEveryMs, { signal: context.signal });
  }
}

function tell(context: CommandContext, { status, last }: Campaign): void {
  note(context, `${last.at} ${status}: ${escapeControl(last.reason)} (${escapeControl(last.actor)})`);
}

/** One bar at a time: that of what is being done. */
function createDisplay({ stderr: stream }: CommandContext) {
  let shown: { readonly name: string; readonly bar: Progress; done: number } | undefined;
  const end = () => {
    shown?.bar.finish();
    shown = undefined;
  };
  return {
    show(progress: CampaignProgress | undefined) {
      if (!progress) return;
      const { phase, sweep, items } = progress;
      const name = sweep > 1 ? `${phase} ${sweep}` : phase;
      if (shown && shown.name !== name) end();
      shown ??= { name, bar: startProgress({ label: name, total: items.all, stream }), done: 0 };
      // A page that a crash undid is counted by whoever runs it again: never backwards.
      const more = Math.max(0, items.done - shown.done);
      shown.done += more;
      if (more > 0) shown.bar.advance(more);
    },
    /** Lines of text in between end the bar: the next look begins it anew where it was. */
    pauseFor(write: () => void) {
      end();
      write();
    },
    end,
    [Symbol.dispose]: end,
  };
}
