/** `dekhand replicas status`: one line for each profile and replica Region, and what is wrong with any of them. */

import { describeError } from "@dekhand/errors";
import { type ReplicaStatus, readReplicaStatus, type Told } from "@dekhand/recovery";
import { profileAt, regionsOf } from "@dekhand/runtime";
import { Command } from "commander";
import { type CommandContext, note, print, printJson } from "../command-context.ts";
import { type Connection, connect } from "../connect.ts";
import { loadConfig } from "../load-config.ts";
import { formatTable } from "../terminal/table.ts";
import { openReplicas } from "./replicas-open.ts";
import { describeDrill, describeMs, percentOf } from "./replicas-words.ts";

/** Between the two looks at debt that tell by how much it falls, in milliseconds. */
const rateOverMs = 2_000;
const kmsDeadlineMs = 3_000;

export function replicasStatusCommand(context: CommandContext): Command {
  return new Command("status")
    .description("Coverage, debt and its age, breaker and last drill of each profile in each of its replica Regions")
    .option("--once", "look at debt once, without telling by how much it falls")
    .option("--json", "print one JSON document")
    .action(async (options: { once?: boolean; json?: boolean }, command: Command) => {
      const { config } = await loadConfig(context, command);
      await using connection = connect(config, context);
      using replicas = openReplicas(connection);
      const { signal } = context;
      // First: what this command knows of a Region's breaker it learns from its own calls.
      const kms = await askKms(connection, signal);
      const told = await readReplicaStatus(replicas.status, { signal, ...(options.once ? {} : { rateOverMs }) });
      const all = told.map((status) => ({
        ...status,
        kms: kms.get(`${status.profile} ${status.region}`) ?? "not asked",
      }));
      if (options.json) {
        printJson(context, all.map(toDocument));
        return;
      }
      if (all.length === 0) note(context, "no profile has replica Regions");
      else for (const line of formatTable(headings, all.map(toRow))) print(context, line);
      for (const warning of all.flatMap(warningsOf)) note(context, warning);
    });
}

type Row = ReplicaStatus & {
  /** `answers`, or the code of the error for which the profile's key there could not be looked up. */
  readonly kms: string;
};

/** By profile and Region. */
async function askKms({ config, kms }: Connection, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
  const asked = Object.values(config.profiles).flatMap((profile) =>
    regionsOf(profile).map(async (region) => {
      const key = profileAt(profile, region)?.key ?? profile.key;
      const answer = kms(region).describeKey(key, { signal, deadlineMs: kmsDeadlineMs });
      const told = await answer.then(
        () => "answers",
        (error: unknown) => describeError(error).code,
      );
      signal.throwIfAborted();
      return [`${profile.name} ${region}`, told] as const;
    }),
  );
  return new Map(await Promise.all(asked));
}

const headings = [
  "profile",
  "home",
  "replica",
  "strategy",
  "arrived",
  "counted",
  "debt",
  "lag",
  "falls by",
  "KMS",
  "last drill",
];

function toRow(status: Row): string[] {
  const { profile, home, region, strategy, coverage, debt, breaker, kms, lastDrill } = status;
  const counted = coverage.told ? coverage.value : undefined;
  const owed = debt.told ? debt.value : undefined;
  const most = owed?.atLeast ? "at least " : "";
  const fallsBy = owed?.fallsBy;
  return [
    profile,
    home,
    region,
    strategy,
    counted ? `${percentOf(counted.recordsArrived, counted.records)} of ${format(counted.records)}` : unknown(coverage),
    counted ? `${describeMs(Date.now() - Date.parse(counted.asOf))} ago` : "",
    owed ? `${most}${format(owed.records)} records, ${format(owed.deks)} DEKs` : unknown(debt),
    owed ? describeMs(owed.lagMs) : "",
    fallsBy === undefined ? "" : `${fallsBy.toLocaleString("en-US", { maximumFractionDigits: 1 })}/s`,
    breaker === "closed" ? kms : `${kms}, breaker ${breaker}`,
    lastDrill.told ? describeDrill(lastDrill.value, Date.now()) : unknown(lastDrill),
  ];
}

function warningsOf({ profile, home, region, debt, alarm, recoveryPointMs, lastDrill }: ReplicaStatus): string[] {
  const warnings: string[] = [];
  if (alarm === "unknown" && !debt.told)
    warnings.push(`warning: what ${home} owes ${region} cannot be told (${debt.code})`);
  if (alarm === true) {
    const beyond = `lags behind by more than the recovery point of ${describeMs(recoveryPointMs)}`;
    warnings.push(`warning: ${profile} in ${region} ${beyond}`);
  }
  const failed = lastDrill.told ? (lastDrill.value?.failed ?? 0) : 0;
  if (failed > 0) warnings.push(`warning: the last drill in ${region} could not open ${format(failed)}`);
  return warnings;
}

function toDocument({ coverage, debt, reconciled, lastDrill, ...rest }: Row) {
  return {
    ...rest,
    coverage: plain(coverage),
    debt: plain(debt),
    reconciled: plain(reconciled),
    lastDrill: plain(lastDrill),
  };
}

/** What was told; null where there is none; the error's code where nothing was. */
function plain<T>(told: Told<T>): T | null | { readonly error: string } {
  return told.told ? (told.value ?? null) : { error: told.code };
}

function unknown(told: Told<unknown>): string {
  return told.told ? "not counted yet" : `unknown (${told.code})`;
}

function format(count: number): string {
  return count.toLocaleString("en-US");
}
