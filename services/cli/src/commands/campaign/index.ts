import { Command } from "commander";
import type { CommandContext } from "../../command-context.ts";
import { cancelCommand, pauseCommand, resumeCommand, shareCommand } from "./control.ts";
import { evidenceCommand } from "./evidence.ts";
import { failuresCommand } from "./failures.ts";
import { listCommand } from "./list.ts";
import { planCommand } from "./plan.ts";
import { resealCommand } from "./reseal.ts";
import { reviveCommand } from "./revive.ts";
import { startCommand } from "./start.ts";
import { statusCommand } from "./status.ts";
import { watchCommand } from "./watch.ts";

export function campaignCommand(context: CommandContext): Command {
  const campaign = new Command("campaign").description("Rewrap DEKs in bulk, survive anything, and prove it");
  const commands = [
    planCommand,
    startCommand,
    resealCommand,
    reviveCommand,
    watchCommand,
    listCommand,
    statusCommand,
    pauseCommand,
    resumeCommand,
    cancelCommand,
    shareCommand,
    failuresCommand,
    evidenceCommand,
  ];
  for (const make of commands) campaign.addCommand(make(context));
  return campaign;
}
