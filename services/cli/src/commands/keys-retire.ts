import { type RetireReport, retireKey, scheduleDeletion } from "@dekhand/campaign";
import type { DeploymentConfig } from "@dekhand/runtime";
import { StoreError } from "@dekhand/store";
import { Command } from "commander";
import { type CommandContext, note, printJson } from "../command-context.ts";
import { connect } from "../connect.ts";
import { CliError } from "../errors.ts";
import { loadConfig } from "../load-config.ts";
import { number } from "../options.ts";
import { SomeFailed } from "../run-outcome.ts";
import { type Progress, startProgress } from "../terminal/progress.ts";
import { confirm } from "../terminal/prompt.ts";
import { actorOf } from "./campaign/open-campaigns.ts";
import { listRetirements } from "./keys/list-retirements.ts";
import { nextSteps } from "./keys/next-steps.ts";
import { printReport } from "./keys/print-report.ts";
import { retireDeps } from "./keys/retire-deps.ts";
import { duration, type RetireCommandOptions, reason, regionOf, requireBackups } from "./keys/retire-options.ts";

export function keysRetireCommand(context: CommandContext): Command {
  return new Command("retire")
    .description(
      "Take a KMS key out of use, a step a run: probe every wrap, soak, probe again, disable; delete only when asked to",
    )
    .argument("[key]", "alias, id or ARN of the key")
    .option("--region <region>", "the key's Region (default: its ARN's, or the only one)")
    .option("--backups <duration>", "for how long backups are kept that may hold wraps under the key, as 35d", duration)
    .option(
      "--soak <duration>",
      "how long the key stays enabled and unused, longer than that (default: by a day)",
      duration,
    )
    .option(
      "--accept-unknown <reason>",
      "go on over wraps that nobody can judge: they are dead, for that reason",
      reason,
    )
    .option("--accept-use <reason>", "go on over a use of the key: it does not count, for that reason", reason)
    .option("--schedule-deletion", "have KMS delete the key that this command has disabled")
    .option("--days <n>", "days until its deletion, 7 to 30", number({ min: 7, max: 30, integer: true }), 30)
    .option("--list", "show all retirements, and how they stand")
    .option("--yes", "do not ask before the key is disabled, or its deletion scheduled")
    .option("--json", "print one JSON document")
    .action(async (key: string | undefined, _options: RetireCommandOptions, command: Command) => {
      // The command above has an option of that name, and takes it wherever it stands.
      const options = command.optsWithGlobals<RetireCommandOptions>();
      const { config } = await loadConfig(context, command);
      if (options.list) {
        if (key !== undefined) throw new CliError("CLI_USAGE", "--list shows all retirements, and takes no key");
        await using connection = connect(config, context);
        await listRetirements(context, connection, options);
        return;
      }
      if (key === undefined) throw new CliError("CLI_USAGE", "name the key to retire, or --list");
      await retire(key, context, config, options);
    });
}

async function retire(
  key: string,
  context: CommandContext,
  config: DeploymentConfig,
  options: RetireCommandOptions,
): Promise<void> {
  const region = regionOf(key, options, config);
  const backupsMs = options.scheduleDeletion ? 0 : requireBackups(options);
  await using connection = connect(config, context);
  using progress = startOnFirst(context, options.scheduleDeletion ? "counting" : "probing");
  const deps = await retireDeps(connection, region);
  const { acceptUnknown, acceptUse, soak } = options;
  const shared = {
    actor: actorOf(context),
    signal: context.signal,
    onProgress: progress.advance,
    ...(acceptUnknown === undefined ? {} : { acceptUnknown }),
    ...(acceptUse === undefined ? {} : { acceptUse }),
  };
  const ask = async (question: string) => {
    progress.finish();
    return options.yes || confirm(question, { input: context.stdin, output: context.stderr }, context.signal);
  };
  const report = await changedElsewhere(context, async () =>
    options.scheduleDeletion
      ? scheduleDeletion(key, deps, {
          ...shared,
          days: options.days,
          confirm: ({ arn }) => ask(`Have KMS delete ${arn} in ${options.days} days?`),
        })
      : retireKey(key, deps, {
          ...shared,
          backupsMs,
          ...(soak === undefined ? {} : { soakMs: soak }),
          confirm: ({ arn }) => ask(`Every wrap was probed. Disable ${arn}?`),
        }),
  );
  progress.finish();
  show(context, report, options);
}

function show(context: CommandContext, report: RetireReport, { json = false }: RetireCommandOptions): void {
  const next = nextSteps(report);
  if (json) printJson(context, { ...report, next });
  else printReport(context, report, next);
  switch (report.outcome) {
    case "refused":
    case "wraps-found":
    case "soak-restarted":
      throw new SomeFailed();
    case "declined":
      throw new CliError("CLI_NOT_CONFIRMED", "nothing was done to the key; --yes does not ask");
    default:
  }
}

/** Of two operators at once one goes on; the other has to look at what is now. */
async function changedElsewhere<T>(context: CommandContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "STORE_RETIREMENT_CHANGED") throw error;
    note(
      context,
      "somebody else has gone on with this retirement meanwhile: run the command again to see how it stands",
    );
    throw new SomeFailed();
  }
}

/** A display that is there once something is counted. */
function startOnFirst({ stderr: stream }: CommandContext, label: string) {
  let shown: Progress | undefined;
  return {
    advance(wraps: number) {
      shown ??= startProgress({ label, stream });
      shown.advance(wraps);
    },
    finish: () => shown?.finish(),
    [Symbol.dispose]: () => shown?.[Symbol.dispose](),
  };
}
