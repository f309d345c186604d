import { Command } from "commander";
import { type CommandContext, note, print, printJson } from "../command-context.ts";
import { connect } from "../connect.ts";
import { CliError } from "../errors.ts";
import { applyPlan } from "../init/apply-plan.ts";
import { planInit, planIsEmpty } from "../init/init-plan.ts";
import { describeGaps, describePlan, describeSkipped, silentLine } from "../init/init-words.ts";
import { loadConfig } from "../load-config.ts";
import { SomeFailed } from "../run-outcome.ts";
import { confirm } from "../terminal/prompt.ts";
import { trustedTransitKeys } from "../trusted-transit-keys.ts";

interface Options {
  readonly skip?: readonly string[];
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function initCommand(context: CommandContext): Command {
  return new Command("init")
    .description(
      "Create the tables, queues and transit key that are missing: shows them first, and asks; exit code 1 where a Region did not answer",
    )
    .option("--skip <region...>", "leave these Regions alone: known to be away, they make this command no failure")
    .option("--yes", "create without asking")
    .option("--json", "print one JSON document: what was created, what was left out, the public transit keys")
    .action((options: Options, command: Command) => init(context, options, command));
}

async function init(context: CommandContext, options: Options, command: Command): Promise<void> {
  const { signal } = context;
  const { config } = await loadConfig(context, command);
  await using connection = connect(config, context);
  const plan = await planInit(connection, signal, { skip: options.skip });
  const gaps = describeGaps(plan);
  for (const line of [...describePlan(plan), ...describeSkipped(plan.leftOut), ...gaps]) note(context, line);
  if (plan.keys.refusals.length > 0) {
    note(context, "nothing was created: mend the keys that are refused, or skip their Regions");
    throw new SomeFailed();
  }
  const empty = planIsEmpty(plan);
  if (!empty) await requireConsent(context, options);
  const lost = empty ? [] : await applyPlan(connection, plan, signal);
  for (const { region, code } of lost) note(context, silentLine(region, code));

  const transitKeys = plan.transitKey === "unknown" ? [] : await trustedTransitKeys(connection, signal);
  const isWhole = gaps.length === 0 && lost.length === 0;
  if (options.json) {
    const leftOut = [...plan.leftOut, ...lost.map((one) => ({ ...one, why: "silent" as const }))];
    printJson(context, { created: !empty, leftOut, warnings: gaps, transitKeys });
  } else {
    const what = empty ? "everything is there already" : "done";
    print(context, isWhole ? what : `${what}, but for what the warnings say`);
    for (const { keyId, publicKey } of transitKeys)
      print(context, `transit key ${keyId}, public half for producers: ${publicKey}`);
  }
  if (!isWhole) throw new SomeFailed();
}

async function requireConsent(context: CommandContext, { yes }: Options): Promise<void> {
  const streams = { input: context.stdin, output: context.stderr };
  if (yes || (await confirm("Create this?", streams, context.signal))) return;
  throw new CliError("CLI_NOT_CONFIRMED", "nothing was created; --yes creates without asking");
}
