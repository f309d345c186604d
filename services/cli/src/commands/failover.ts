/** `dekhand failover`: makes a Region the home of profiles, with nothing but that Region. */

import { type FailoverDeps, type FailoverPlan, failover, planFailover, refusalsOf } from "@dekhand/recovery";
import { Command } from "commander";
import { type CommandContext, note, printJson } from "../command-context.ts";
import { type Connection, connect } from "../connect.ts";
import { CliError } from "../errors.ts";
import { loadConfig } from "../load-config.ts";
import { SomeFailed } from "../run-outcome.ts";
import { confirm } from "../terminal/prompt.ts";
import { actorOf } from "./campaign/open-campaigns.ts";
import { queueWarnings } from "./failover-checks.ts";
import { showHistory } from "./failover-history.ts";
import { planLines, printMoved, untoldLines } from "./failover-words.ts";
import { reason } from "./keys/retire-options.ts";
import { openReplicas } from "./replicas-open.ts";

interface Options {
  readonly to?: string;
  readonly profile?: readonly string[];
  readonly reason?: string;
  readonly force?: boolean;
  readonly oldHomeStopped?: string;
  readonly check?: boolean;
  readonly history?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export function failoverCommand(context: CommandContext): Command {
  return new Command("failover")
    .description(
      "Make a Region the home of profiles while the old home cannot be reached; only that Region has to answer",
    )
    .option("--to <region>", "the Region that new DEKs and records are to be made in")
    .option(
      "--profile <name...>",
      "these profiles (default: those that have the Region, and whose home does not answer)",
    )
    .option("--reason <text>", "why; recorded", reason)
    .option("--force", "move although the old home answers: needs --reason")
    .option(
      "--old-home-stopped <who and when>",
      "with global tables: who has stopped the services that write in the old home; recorded",
      reason,
    )
    .option("--check", "show what would be done and what is known, and change nothing")
    .option("--history", "show failovers and failbacks, the newest first: who, when, why")
    .option("--yes", "do not ask")
    .option("--json", "print one JSON document")
    .action(async (options: Options, command: Command) => {
      const { to, history = false } = options;
      if ((to === undefined) !== history) throw new CliError("CLI_USAGE", "name a Region with --to, or give --history");
      const { config } = await loadConfig(context, command);
      await using connection = connect(config, context);
      if (to === undefined) {
        await showHistory(context, connection, options);
        return;
      }
      using replicas = openReplicas(connection);
      const deps = { ...replicas.reconcile, regions: config.regions };
      await move(context, connection, { options: { ...options, to }, deps });
    });
}

async function move(
  context: CommandContext,
  connection: Connection,
  { options, deps }: { readonly options: Options & { readonly to: string }; readonly deps: FailoverDeps },
): Promise<void> {
  const { to, profile: profiles, json = false } = options;
  const { signal } = context;
  const plan = await planFailover({ to, profiles }, deps, { signal });
  const warnings = await queueWarnings(connection, to, signal);
  for (const line of [...planLines(plan), ...warnings]) note(context, line);
  const words = { ...options, actor: actorOf(context) };
  const refusals = refusalsOf(plan, words);
  if (options.check) {
    for (const refusal of refusals) note(context, `would be refused: ${refusal}`);
    if (json) printJson(context, { ...documentOf(plan), refusals, warnings });
    if (plan.findings.some(({ verdict }) => verdict === "unfit")) throw new SomeFailed();
    return;
  }
  for (const refusal of refusals) note(context, `refused: ${refusal}`);
  if (refusals.length > 0) throw new SomeFailed();
  await requireConsent(context, plan, options);

  const result = await failover(plan, words, deps, { signal });
  for (const line of untoldLines(plan, result)) note(context, line);
  if (json) printJson(context, { ...documentOf(plan), ...result, warnings });
  else printMoved(context, [...result.moved, ...result.there]);
  for (const { profile, code } of result.failed) note(context, `${profile}: its home was not moved (${code})`);
  if (result.failed.length > 0) throw new SomeFailed();
}

async function requireConsent(context: CommandContext, { to, moves }: FailoverPlan, { yes }: Options): Promise<void> {
  if (yes || moves.length === 0) return;
  const streams = { input: context.stdin, output: context.stderr };
  const question = `Make ${to} the home of ${moves.map(({ profile }) => profile).join(", ")}?`;
  if (await confirm(question, streams, context.signal)) return;
  throw new CliError("CLI_NOT_CONFIRMED", "no home was moved; --yes does not ask");
}

function documentOf({ to, mode, moves, leftOut, findings, debts }: FailoverPlan) {
  return { to, tables: mode, moves, leftOut, findings, debts };
}
