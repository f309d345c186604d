import { reviveNamed } from "@dekhand/campaign";
import { Command } from "commander";
import { type CommandContext, print, printJson } from "../../command-context.ts";
import { connect } from "../../connect.ts";
import { loadConfig } from "../../load-config.ts";
import { number } from "../../options.ts";
import { counted } from "../../terminal/counted.ts";
import { resealRegions } from "./reseal-regions.ts";

export function reviveCommand(context: CommandContext): Command {
  return new Command("revive")
    .description(
      "Look for records under retired DEKs, which a restored backup may bring; their DEKs become retiring again",
    )
    .option(
      "--segments <n>",
      "parallel segments of each records table",
      number({ min: 1, max: 1_000, integer: true }),
      4,
    )
    .option("--json", "print one JSON document")
    .action(async (options: { readonly segments: number; readonly json?: boolean }, command: Command) => {
      const { config } = await loadConfig(context, command);
      await using connection = connect(config, context);
      const { segments } = options;
      const regions = await resealRegions(connection);
      const revived = await reviveNamed({ regions }, { segments, signal: context.signal });
      if (options.json) {
        printJson(context, revived);
        return;
      }
      print(context, `${counted(revived.count, "DEK")} revived`);
      for (const dekId of revived.deks) print(context, dekId);
    });
}
