/** `dekhand failback`: makes a Region the home again with both Regions well, and settles what both have written. */

import {
  type FailbackDeps,
  type FailbackPlan,
  type FailbackResult,
  failback,
  failbackRefusals,
  type GroupResult,
  planFailback,
} from "@dekhand/recovery";
import { Command, Option } from "commander";
import { type CommandContext, note, print, printJson } from "../command-context.ts";
import { connect } from "../connect.ts";
import { CliError } from "../errors.ts";
import { loadConfig } from "../load-config.ts";
import { number } from "../options.ts";
import { SomeFailed } from "../run-outcome.ts";
import { confirm } from "../terminal/prompt.ts";
import { formatTable } from "../terminal/table.ts";
import { actorOf } from "./campaign/open-campaigns.ts";
import { openLoser, showLosers } from "./failback-losers.ts";
import { showFailback } from "./failback-progress.ts";
import { printMoved } from "./failover-words.ts";
import { duration, reason } from "./keys/retire-options.ts";
import { openReplicas } from "./replicas-open.ts";

interface Options {
  readonly to?: string;
  readonly profile?: readonly string[];
  readonly reason?: string;
  readonly keepHome?: boolean;
  readonly pay?: boolean;
  readonly acceptIncomplete?: string;
  readonly oldHomeStopped?: string;
  readonly pagesPerSecond: number;
  readonly follow: number;
  readonly listLosers?: boolean;
  readonly showLoser?: string;
  readonly seal?: string;
  readonly output?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function failbackCommand(context: CommandContext): Command {
  return new Command("failback")
    .description(
      "Make a Region the home again, or for the first time, with both Regions well; settle what both have written",
    )
    .option("--to <region>", "the Region that is to be the home")
    .option("--profile <name...>", "these profiles (default: those whose home it is by the configuration)")
    .option("--reason <text>", "why; recorded", reason)
    .option("--keep-home", "settle, and leave the home where it is")
    .option("--pay", "copy here what the Region is owed (default: replicators do, and what they leave is copied here)")
    .option("--accept-incomplete <reason>", "move the home although not all is in both Regions; recorded", reason)
    .option(
      "--old-home-stopped <who and when>",
      "with global tables: who has stopped the services that write in the home that is left; recorded",
      reason,
    )
    .option("--pages-per-second <n>", "pages of up to 500 items", number({ min: 1 }), 50)
    .addOption(
      new Option("--follow <duration>", "how long services may take to follow the home")
        .default(20_000, "20s")
        .argParser(duration),
    )
    .option("--list-losers", "list records that lost against another one of their id")
    .option("--show-loser <recordId>", "open one of them into a file: needs --seal and --output")
    .option("--seal <sealId>", "which one, as --list-losers shows it")
    .option("--output <file>", "the new file (mode 600)")
    .option("--yes", "do not ask")
    .option("--json", "print one JSON document")
    .action(async (options: Options, command: Command) => {
      const task = readTask(options);
      const { config } = await loadConfig(context, command);
      await using connection = connect(config, context);
      if (task.kind === "list") await showLosers(context, connection, options);
      if (task.kind === "open") await openLoser(context, connection, task);
      if (task.kind !== "return") return;
      using replicas = openReplicas(connection);
      await goBack(context, { ...replicas.reconcile, regions: config.regions }, { ...options, to: task.to });
    });
}

type Task =
  | { readonly kind: "return"; readonly to: string }
  | { readonly kind: "list" }
  | { readonly kind: "open"; readonly recordId: string; readonly seal: string; readonly output: string };

/** Throws CLI_USAGE. */
function readTask({ to, listLosers, showLoser, seal, output }: Options): Task {
  const asked = [to, listLosers, showLoser].filter((one) => one !== undefined).length;
  if (asked !== 1) throw new CliError("CLI_USAGE", "name a Region with --to, or give --list-losers or --show-loser");
  if (to !== undefined) return { kind: "return", to };
  if (showLoser === undefined) return { kind: "list" };
  if (seal === undefined || output === undefined) {
    throw new CliError("CLI_USAGE", "--show-loser needs --seal and --output");
  }
  return { kind: "open", recordId: showLoser, seal, output };
}

async function goBack(
  context: CommandContext,
  deps: FailbackDeps,
  options: Options & { readonly to: string },
): Promise<void> {
  const { to, profile: profiles, keepHome = false, pay = false, pagesPerSecond, follow: followMs } = options;
  const { signal } = context;
  const plan = await planFailback({ to, profiles }, deps, { signal });
  const refusals = failbackRefusals(plan, options);
  for (const refusal of refusals) note(context, `refused: ${refusal}`);
  if (refusals.length > 0) throw new SomeFailed();
  tellPlan(context, plan, keepHome);
  await requireConsent(context, plan, options);

  using shown = showFailback(context, followMs);
  const words = { ...options, actor: actorOf(context) };
  const result = await failback(plan, words, deps, { signal, keepHome, pay, followMs, pagesPerSecond, ...shown });
  shown.finish();
  if (options.json) printJson(context, result);
  else printResult(context, result);
  const unfinished = result.groups.flatMap(({ missing }) => missing);
  for (const sentence of unfinished) note(context, `incomplete: ${sentence}`);
  if (unfinished.length > 0) throw new SomeFailed();
}

function tellPlan(context: CommandContext, { to, groups, leftOut, silent }: FailbackPlan, keepHome: boolean): void {
  if (groups.length === 0) note(context, `${to} is the home of all these profiles already`);
  for (const { from, profiles } of groups) {
    const names = profiles.map(({ profile }) => profile).join(", ");
    const what =
      from === to ? "what is left of a failback to" : keepHome ? `from ${from}, settled with` : `from ${from} to`;
    note(context, `${names}: ${what} ${to}`);
  }
  for (const { profile, home } of leftOut) {
    note(context, `${profile} is left out: by the configuration its home is ${home}; --profile names it`);
  }
  for (const { region, code } of silent) {
    note(context, `${region} does not answer (${code}): it is left out, and this is to be run again once it does`);
  }
}

async function requireConsent(context: CommandContext, { to, groups }: FailbackPlan, options: Options): Promise<void> {
  if (options.yes || options.keepHome || groups.length === 0) return;
  const streams = { input: context.stdin, output: context.stderr };
  if (await confirm(`Settle, and make ${to} the home?`, streams, context.signal)) return;
  throw new CliError("CLI_NOT_CONFIRMED", "no home was moved; --yes does not ask");
}

function printResult(context: CommandContext, { groups }: FailbackResult): void {
  if (groups.length === 0) return;
  for (const line of formatTable(headings, groups.map(toRow))) print(context, line);
  const moved = groups.flatMap((group) => group.moved);
  if (moved.length > 0) print(context);
  printMoved(context, moved);
  for (const { recordId, code } of groups.flatMap(({ failures }) => failures)) note(context, `${recordId}: ${code}`);
  const contested = groups.reduce((sum, { settled }) => sum + settled.contested, 0);
  if (contested > 0) note(context, "the records that lost are kept: dekhand failback --list-losers");
}

const headings = ["profiles", "from", "outcome", "paid", "copied", "replaced", "contested", "owed", "failed"];

function toRow({ profiles, from, kind, settled }: GroupResult): (string | number)[] {
  const { paid, copied, replaced, contested, owed, failed } = settled;
  return [profiles.join(", "), from, kind, paid, copied, replaced, contested, owed, failed];
}
