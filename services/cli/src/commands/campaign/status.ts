import { type CampaignProgress, type CampaignView, progressOf, viewCampaign } from "@dekhand/campaign";
import type { CampaignEvent, CampaignStore, FailureCounts } from "@dekhand/store";
import { Command } from "commander";
import { type CommandContext, print, printJson } from "../../command-context.ts";
import { connect } from "../../connect.ts";
import { loadConfig } from "../../load-config.ts";
import { formatTable } from "../../terminal/table.ts";
import { openCampaigns, requireCampaign } from "./open-campaigns.ts";

export function statusCommand(context: CommandContext): Command {
  return new Command("status")
    .description("Show how a campaign stands, and everything that happened to it")
    .argument("<id>", "the campaign")
    .option("--json", "print one JSON document")
    .action(async (id: string, { json }: { readonly json?: boolean }, command: Command) => {
      const { signal } = context;
      const { config } = await loadConfig(context, command);
      await using connection = connect(config, context);
      const campaigns = await openCampaigns(connection);
      const view = await settledView(campaigns, id, signal);
      const history = await campaigns.history(id, { signal });
      const failures = await campaigns.countFailures(id, { signal });
      const progress = progressOf(view);
      if (json) printJson(context, { campaign: view.campaign, progress, failures, history });
      else show(context, view, { progress, failures, history });
    });
}

/** As it stood at one moment; it is read again while it changes. Throws CLI_CAMPAIGN_NOT_FOUND. */
export async function settledView(campaigns: CampaignStore, id: string, signal: AbortSignal): Promise<CampaignView> {
  for (;;) {
    const view = await viewCampaign(campaigns, id, { signal });
    if (view) return view;
    await requireCampaign(campaigns, id, signal);
  }
}

interface Shown {
  readonly progress: CampaignProgress | undefined;
  readonly failures: FailureCounts;
  readonly history: readonly CampaignEvent[];
}

function show(context: CommandContext, { campaign }: CampaignView, { progress, failures, history }: Shown): void {
  const { id, kind, status, targets, controls } = campaign;
  print(context, `campaign ${id}: ${kind}, ${status}`);
  const share = controls.share === undefined ? "as configured" : String(controls.share);
  print(context, `share of the deployment's KMS quota: ${share}`);
  print(context);
  const rows = targets.map(({ store, region, sources, keyArn }) => [store, region, sources.join(" "), keyArn]);
  for (const line of formatTable(["store", "Region", "from", "to"], rows)) print(context, line);
  print(context);
  if (progress) {
    const { phase, sweep, segments, items, counts } = progress;
    const of = items.all === undefined ? "" : ` of ${items.all}`;
    print(context, `${phase}, sweep ${sweep}: ${items.done}${of} items, ${segments.done} of ${segments.all} segments`);
    const named = Object.entries(counts).filter(([name]) => /^[a-zA-Z]+$/.test(name));
    if (named.length > 0) print(context, `  ${named.map(([name, count]) => `${name} ${count}`).join(", ")}`);
  }
  const { open, resolved, skipped, malformed } = failures;
  print(context, `failures: ${open} open, ${resolved} resolved, ${skipped} skipped, ${malformed} unreadable`);
  print(context);
  const events = history.map(({ at, to, actor, reason }) => [at, to, actor, reason]);
  for (const line of formatTable(["at", "status", "by", "reason"], events)) print(context, line);
}
