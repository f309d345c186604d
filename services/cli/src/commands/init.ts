import { Command } from "commander";
import { type CommandContext, note, print, printJson } from "../command-context.ts";
import { connect } from "../connect.ts";
import { CliError } from "../errors.ts";
import { applyPlan } from "../init/apply-plan.ts";
import { describePlan, planInit, planIsEmpty } from "../init/init-plan.ts";
import { loadConfig } from "../load-config.ts";
import { confirm } from "../terminal/prompt.ts";
import { trustedTransitKeys } from "../trusted-transit-keys.ts";

export function initCommand(context: CommandContext): Command {
  return new Command("init")
    .description("Create the tables, queues and transit key that are missing: shows them first, and asks")
    .option("--yes", "create without asking")
    .option("--json", "print one JSON document: what was found, what was created, the public transit keys")
    .action(async (options: { yes?: boolean; json?: boolean }, command: Command) => {
      const { config } = await loadConfig(context, command);
      await using connection = connect(config, context);
      const plan = await planInit(connection, context.signal);
      const empty = planIsEmpty(plan);
      for (const line of describePlan(plan)) note(context, line);
      if (!empty) {
        const streams = { input: context.stdin, output: context.stderr };
        if (!options.yes && !(await confirm("Create this?", streams, context.signal))) {
          throw new CliError("CLI_NOT_CONFIRMED", "nothing was created; --yes creates without asking");
        }
        await applyPlan(connection, plan, context.signal);
      }
      const transitKeys = await trustedTransitKeys(connection, context.signal);
      if (options.json) printJson(context, { created: !empty, transitKeys });
      else {
        print(context, empty ? "everything is there already" : "done");
        for (const { keyId, publicKey } of transitKeys)
          print(context, `transit key ${keyId}, public half for producers: ${publicKey}`);
      }
    });
}
