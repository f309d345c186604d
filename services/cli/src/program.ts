import { Command } from "commander";
import type { CommandContext } from "./command-context.ts";
import { campaignCommand } from "./commands/campaign/index.ts";
import { configCommand } from "./commands/config-check.ts";
import { demoCommand } from "./commands/demo.ts";
import { devCommand } from "./commands/dev.ts";
import { drillCommand } from "./commands/drill.ts";
import { failbackCommand } from "./commands/failback.ts";
import { failoverCommand } from "./commands/failover.ts";
import { ingestCommand } from "./commands/ingest.ts";
import { initCommand } from "./commands/init.ts";
import { jobsCommand } from "./commands/jobs-rejected.ts";
import { keysCommand } from "./commands/keys.ts";
import { readCommand } from "./commands/read.ts";
import { replicasCommand } from "./commands/replicas.ts";
import { rewrapCommand } from "./commands/rewrap.ts";
import { VERSION } from "./version.ts";

/** The whole command tree. Every command throws on failure; `run.ts` turns that into a message and an exit code. */
export function createProgram(context: CommandContext): Command {
  const program = new Command("dekhand")
    .description(
      "Looks after data encryption keys under AWS KMS: encrypts records as they arrive, reads them back, and rotates keys.",
    )
    .version(VERSION)
    .option("--config <file>", "the deployment's configuration (default: $DEKHAND_CONFIG, then dekhand.yaml)")
    .showHelpAfterError("(dekhand --help lists the commands)")
    .addHelpText("after", helpEpilogue)
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    })
    .exitOverride();

  const commands = [
    demoCommand,
    devCommand,
    initCommand,
    ingestCommand,
    readCommand,
    keysCommand,
    rewrapCommand,
    campaignCommand,
    replicasCommand,
    drillCommand,
    failoverCommand,
    failbackCommand,
    configCommand,
    jobsCommand,
  ];
  for (const make of commands) program.addCommand(inherit(make(context), program));
  return program;
}

/** commander gives a command made on its own neither the parent's streams nor its way of exiting. */
function inherit(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inherit(child, parent);
  return command;
}

const helpEpilogue = `
Exit codes: 0 done; 1 some items failed, differed or were missing; 2 the command line, configuration or input
cannot be used; 3 AWS, Redis or the disk did not do what was asked; 4 not confirmed; 130 interrupted.

AWS is found by the standard settings (AWS_REGION, AWS_PROFILE, AWS_ENDPOINT_URL, ...), Redis by DEKHAND_REDIS_URL.
Data goes to standard output, everything else to standard error.`;
