import { Command } from "commander";
import { type CommandContext, printJson } from "../../command-context.ts";
import { connect } from "../../connect.ts";
import { loadConfig } from "../../load-config.ts";
import { number } from "../../options.ts";
import { startProgress } from "../../terminal/progress.ts";
import { addCampaignOptions, type CampaignOptions, readCampaignRequest } from "./campaign-options.ts";
import { prepareCampaign } from "./prepare-campaign.ts";
import { printPlan } from "./print-plan.ts";

interface PlanOptions extends CampaignOptions {
  readonly cloudtrailCopies: number;
  readonly freeCalls: number;
  readonly json?: boolean;
}

export function planCommand(context: CommandContext): Command {
  const command = new Command("plan").description(
    "Count the wraps that a campaign would rewrap, and reckon its KMS calls, costs and time; nothing is stored",
  );
  return addCampaignOptions(command)
    .option(
      "--cloudtrail-copies <n>",
      "copies of management events that CloudTrail delivers, the free first one included",
      number({ min: 1, integer: true }),
      1,
    )
    .option("--free-calls <n>", "KMS requests of this month that are still free", number({ min: 0, integer: true }), 0)
    .option("--json", "print one JSON document")
    .action(async (options: PlanOptions, self: Command) => {
      const request = readCampaignRequest(options);
      const { config } = await loadConfig(context, self);
      await using connection = connect(config, context);
      using progress = startProgress({ label: "census", stream: context.stderr });
      const { plan, locks } = await prepareCampaign(connection, request, {
        signal: context.signal,
        onProgress: (wraps) => progress.advance(wraps),
        cloudTrailCopies: options.cloudtrailCopies,
        kmsFreeCallsLeft: options.freeCalls,
      });
      progress.finish();
      if (options.json) printJson(context, { ...plan, locks });
      else printPlan(context, plan);
    });
}
