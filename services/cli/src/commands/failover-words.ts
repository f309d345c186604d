/** A failover in sentences. */

import type { DebtBefore, FailoverPlan, FailoverResult, MovedHome, TargetFinding } from "@dekhand/recovery";
import { type CommandContext, print } from "../command-context.ts";
import { formatTable } from "../terminal/table.ts";
import { describeDrill, describeMs } from "./replicas-words.ts";

/** What would be done, and what is known. */
export function planLines(plan: FailoverPlan): readonly string[] {
  const { to, moves, leftOut, there, debts, findings, lastDrill, readings } = plan;
  const lines = moves.map(({ profile, from, epoch }) => `${profile}: from ${from} to ${to}, epoch ${epoch}`);
  if (there.length > 0) lines.push(`${to} is the home already of ${there.map(({ profile }) => profile).join(", ")}`);
  for (const { profile, home } of leftOut) {
    lines.push(
      `${profile} is left out: its home, ${home}, answers; --profile names those that are to move all the same`,
    );
  }
  if (moves.length === 0 && there.length === 0 && leftOut.length === 0)
    lines.push(`${to} is the configured home, and nothing was moved`);
  for (const [region, told] of readings) if (!told.told) lines.push(`${region} does not answer (${told.code})`);
  if (moves.length === 0) return lines;
  return [
    ...lines,
    ...findings.map((finding) => findingLine(to, finding)),
    ...debts.map((debt) => debtLine(to, debt)),
    `last drill in ${to}: ${lastDrill.told ? describeDrill(lastDrill.value, Date.now()) : `not known (${lastDrill.code})`}`,
  ];
}

function findingLine(to: string, { what, profile = "", keyArn, verdict, problem = "" }: TargetFinding): string {
  const about = what === "tables" ? `${to}: its tables` : `${to}: the key of ${profile}${keyArn ? `, ${keyArn}` : ""}`;
  if (verdict === "ready") return what === "tables" ? `${about} answer` : `${about}, makes data keys`;
  return `${verdict === "unknown" ? "warning: " : ""}${about}: ${problem}`;
}

function debtLine(to: string, { home, debt }: DebtBefore): string {
  if (!debt) return `what ${home} owed ${to} is not known to anybody who answers`;
  const format = (count: number) => count.toLocaleString("en-US");
  const most = debt.atLeast ? "at least " : "";
  const ageMs = debt.oldestAt === undefined ? 0 : Date.parse(debt.asOf) - Date.parse(debt.oldestAt);
  const age = debt.oldestAt === undefined ? "" : `, the oldest ${describeMs(Math.max(0, ageMs))} old`;
  const source = debt.source === "home" ? `as ${home} says` : `as ${to} was last told`;
  const owed = `${most}${format(debt.records)} records, ${format(debt.deks)} DEKs${age}`;
  const comesOnTop = debt.atLeast
    ? "not all was counted, and nobody knows how much more it is"
    : "what was acknowledged later comes on top";
  return `${home} owed ${to} ${owed}, as of ${debt.asOf} (${source}); ${comesOnTop}`;
}

export function printMoved(context: CommandContext, moved: readonly MovedHome[]): void {
  if (moved.length === 0) return;
  const rows = moved.map(({ profile, to, epoch, told, untold }) => [
    profile,
    to,
    epoch,
    told.join(", "),
    untold.map(({ region }) => region).join(", "),
  ]);
  for (const line of formatTable(["profile", "home", "epoch", "told", "not told"], rows)) print(context, line);
}

/** What is to be done about Regions that could not be told. */
export function untoldLines({ to }: FailoverPlan, { moved, there }: FailoverResult): readonly string[] {
  const untold = new Set([...moved, ...there].flatMap((home) => home.untold.map(({ region }) => region)));
  return [...untold].map(
    (region) =>
      `${region} could not be told: whoever writes there takes the old home for the home. Once it answers, run this again, or dekhand failback, before its services start; ${to} goes on meanwhile`,
  );
}
