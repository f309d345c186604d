/** `dekhand replicas reconcile`: a pass of the reconciler now, whoever is at one. */

import { DekhandError } from "@dekhand/errors";
import {
  type Finding,
  type OpenedRecovery,
  type ReconcileOutcome,
  type ReconcileProgress,
  type ReconcileScope,
  reconcileRegion,
} from "@dekhand/recovery";
import { Command, InvalidArgumentError } from "commander";
import { type CommandContext, note, type OutputStream, print, printJson } from "../command-context.ts";
import { connect } from "../connect.ts";
import { CliError } from "../errors.ts";
import { loadConfig } from "../load-config.ts";
import { number } from "../options.ts";
import { SomeFailed } from "../run-outcome.ts";
import { counted } from "../terminal/counted.ts";
import { escapeControl } from "../terminal/escape-control.ts";
import { type Progress, startProgress } from "../terminal/progress.ts";
import { formatTable } from "../terminal/table.ts";
import { openReplicas } from "./replicas-open.ts";
import { percentOf } from "./replicas-words.ts";

interface Options {
  readonly region?: string;
  readonly probe?: number;
  readonly pagesPerSecond?: number;
  readonly json?: boolean;
}

type Finished = Extract<ReconcileOutcome, { kind: "finished" }>;

export function replicasReconcileCommand(context: CommandContext): Command {
  return new Command("reconcile")
    .description(
      "Compare replica Regions with their homes now: what is missing becomes debt, what is damaged is repaired",
    )
    .option("--region <region>", "this replica Region only (default: all)")
    .option("--probe <part>", "ask KMS by dry run about this part of the wraps: 0 to 1, or all (default: 0)", partOrAll)
    .option(
      "--pages-per-second <n>",
      "pages of up to 500 items (default: reconcile.pagesPerSecond)",
      number({ min: 1 }),
    )
    .option("--json", "print one JSON document")
    .action(async (options: Options, command: Command) => {
      const { config } = await loadConfig(context, command);
      await using connection = connect(config, context);
      using replicas = openReplicas(connection);
      const scopes = await scopesOf(replicas, options, context);
      const pagesPerSecond = options.pagesPerSecond ?? config.reconcile.pagesPerSecond;
      const { finished, failure, wasTaken } = await runAll(context, replicas, { ...options, scopes, pagesPerSecond });
      if (options.json) printJson(context, finished);
      else printFindings(context, finished);
      if (failure) throw failure;
      if (wasTaken || finished.some(({ summary }) => summary.outcomes.unrepaired > 0)) throw new SomeFailed();
    });
}

async function scopesOf(replicas: OpenedRecovery, { region }: Options, { signal }: CommandContext) {
  const all = await replicas.scopes({ signal });
  const chosen = region === undefined ? all : all.filter((scope) => scope.region === region);
  if (chosen.length > 0) return chosen;
  const known = [...new Set(all.map((scope) => scope.region))].join(", ");
  throw new CliError(
    "CLI_USAGE",
    region === undefined ? "no profile has replica Regions" : `replica Regions: ${known}`,
  );
}

interface RunOptions extends Options {
  readonly scopes: readonly ReconcileScope[];
  readonly pagesPerSecond: number;
}

/** One after the other; a Region that cannot be asked stops no other. */
async function runAll(
  context: CommandContext,
  replicas: OpenedRecovery,
  { scopes, probe, pagesPerSecond }: RunOptions,
) {
  const finished: Finished[] = [];
  let failure: DekhandError | undefined;
  let wasTaken = false;
  for (const scope of scopes) {
    using display = createDisplay(scope.region, context.stderr);
    const { show: onProgress } = display;
    const options = { signal: context.signal, pagesPerSecond, takeOver: true, onProgress };
    try {
      const outcome = await reconcileRegion(scope, replicas.reconcile, { ...options, probe: probe ?? 0 });
      display.finish();
      if (outcome.kind === "finished") finished.push(outcome);
      else wasTaken = true;
      if (outcome.kind !== "finished") note(context, `${scope.region}: somebody else has taken it over`);
    } catch (error) {
      context.signal.throwIfAborted();
      if (!(error instanceof DekhandError)) throw error;
      note(context, `${scope.region}: ${escapeControl(error.message)} (${error.code}); it goes on from here next time`);
      failure ??= error;
    }
  }
  return { finished, failure, wasTaken };
}

function printFindings(context: CommandContext, finished: readonly Finished[]): void {
  const rows = finished.flatMap(({ summary: { home, region, coverage } }) =>
    Object.entries(coverage).map(([profile, { records, recordsArrived, deks, deksArrived }]) => [
      profile,
      home,
      region,
      `${percentOf(recordsArrived, records)} of ${records.toLocaleString("en-US")}`,
      `${percentOf(deksArrived, deks)} of ${deks.toLocaleString("en-US")}`,
    ]),
  );
  for (const line of formatTable(["profile", "home", "replica", "records arrived", "DEKs arrived"], rows))
    print(context, line);
  for (const { summary, findings } of finished) {
    const { owed, repaired, unrepaired, observed } = summary.outcomes;
    const total = owed + repaired + unrepaired + observed;
    if (total === 0) continue;
    print(context);
    const outcomes = `${owed} owed now, ${repaired} repaired, ${unrepaired} not repaired, ${observed} observed`;
    print(context, `${summary.region}: ${counted(total, "finding")}: ${outcomes}`);
    for (const line of formatTable(["fault", "where", "what became of it", "of"], findings.map(findingRow)))
      print(context, `  ${line}`);
    if (total > findings.length) print(context, `  and ${total - findings.length} more`);
  }
}

function findingRow({ class: kind, region, outcome, from, code, recordId, dekId }: Finding): string[] {
  const how = from === undefined ? (code === undefined ? "" : ` (${code})`) : ` from ${from}`;
  return [kind, region, `${outcome}${how}`, recordId ?? dekId ?? ""];
}

/** A counter for each sweep: how many there are is not known before. */
function createDisplay(region: string, stream: OutputStream) {
  let shown: { readonly sweep: string; readonly counter: Progress; looked: number } | undefined;
  const finish = () => shown?.counter.finish();
  return {
    show({ sweep, looked }: ReconcileProgress) {
      if (shown?.sweep !== sweep) {
        finish();
        shown = { sweep, counter: startProgress({ label: `${region} ${sweep}`, stream }), looked: 0 };
      }
      const more = looked - shown.looked;
      shown.looked = looked;
      if (more > 0) shown.counter.advance(more);
    },
    finish,
    [Symbol.dispose]: () => shown?.counter[Symbol.dispose](),
  };
}

function partOrAll(text: string): number {
  if (text === "all") return 1;
  try {
    return number({ min: 0, max: 1 })(text);
  } catch {
    throw new InvalidArgumentError("expected a number from 0 to 1, or all");
  }
}
