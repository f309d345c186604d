import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { replicasReconcileCommand } from "./replicas-reconcile.ts";
import { replicasStatusCommand } from "./replicas-status.ts";

export function replicasCommand(context: CommandContext): Command {
  return new Command("replicas")
    .description("How replica Regions stand, and what they lack")
    .addCommand(replicasStatusCommand(context))
    .addCommand(replicasReconcileCommand(context));
}
