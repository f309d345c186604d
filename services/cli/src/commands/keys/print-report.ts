import type { RetireOutcome, RetireReport, WrapFindings } from "@dekhand/campaign";
import { type CommandContext, print } from "../../command-context.ts";
import { counted } from "../../terminal/counted.ts";
import { escapeControl } from "../../terminal/escape-control.ts";
import { formatTable } from "../../terminal/table.ts";

/** A step of a retirement for people to read. */
export function printReport(context: CommandContext, report: RetireReport, next: readonly string[]): void {
  const { outcome, key } = report;
  print(context, `${key.arn}: ${titles[outcome]}`);
  print(context, `KMS's state of it: ${key.state}`);
  for (const [title, lines] of sections(report, next)) {
    if (lines.length === 0) continue;
    print(context);
    print(context, title);
    for (const line of lines) print(context, `  ${line}`);
  }
  print(context);
  print(context, "A statement for the key policy that guards it meanwhile");
  print(context, JSON.stringify(report.guard, null, 2));
}

const titles: Readonly<Record<RetireOutcome, string>> = {
  refused: "refused",
  "wraps-found": "refused, for its wraps",
  "soak-begun": "no wrap is under it; its soak begins",
  "soak-restarted": "no wrap is under it, but its soak begins anew",
  soaking: "soaking",
  declined: "not disabled",
  disabled: "disabled",
  "already-disabled": "disabled before",
  "deletion-scheduled": "its deletion is scheduled",
  "deletion-pending": "its deletion was scheduled before",
};

function sections(report: RetireReport, next: readonly string[]): readonly (readonly [string, readonly string[]])[] {
  const { blockers, warnings, probe, usage, listed, leftBy, retirement, key } = report;
  return [
    ["What refuses it", blockers.map(({ message }) => escapeControl(message))],
    ["Warnings", warnings.map(escapeControl)],
    ["Wraps under the key", findingLines(probe?.under)],
    ["Wraps that nobody can judge", findingLines(probe?.unknown)],
    [
      "Probed",
      probe === undefined
        ? []
        : formatTable(
            ["store", "Region", "wraps"],
            probe.stores.map(({ store, region, wraps }) => [store, region, wraps]),
          ),
    ],
    [
      "Known of the key",
      [
        leftBy.length === 0
          ? "no complete campaign has left it"
          : `left by ${leftBy.join(", ")}: dekhand campaign evidence <id>`,
        ...(listed.length === 0 ? [] : [`listed for what is left under it: ${[...new Set(listed)].join(", ")}`]),
        ...usageLines(usage),
      ],
    ],
    ["Retirement", retirement === undefined ? [] : retirementLines(retirement, key.deletionAt)],
    ["Next", next],
  ];
}

function findingLines(findings: WrapFindings | undefined): readonly string[] {
  if (findings === undefined || findings.count === 0) return [];
  const { count, first } = findings;
  const lines = first.map(({ store, region, id, message }) =>
    escapeControl(`${store} in ${region}, ${id}: ${message}`),
  );
  return count > first.length ? [...lines, `and ${count - first.length} more`] : lines;
}

function usageLines(usage: RetireReport["usage"]): readonly string[] {
  if (usage === undefined) return [];
  const { usedAt, operation = "used", trackedSince } = usage;
  const last =
    usedAt === undefined ? `not used since ${trackedSince ?? "it was made"}` : `last used at ${usedAt} (${operation})`;
  return [`${last}, as KMS tells it, up to an hour late`];
}

function retirementLines(
  { startedAt, startedBy, soakUntil, backupsDays, disabledAt, notes }: NonNullable<RetireReport["retirement"]>,
  deletionAt: string | undefined,
): readonly string[] {
  return [
    `soaks from ${startedAt} until ${soakUntil}, begun by ${escapeControl(startedBy)}; backups are kept ${counted(backupsDays, "day")}`,
    ...(disabledAt === undefined ? [] : [`disabled at ${disabledAt}`]),
    ...(deletionAt === undefined ? [] : [`KMS deletes it at ${deletionAt}`]),
    ...notes.map(({ at, actor, what }) => escapeControl(`${at} ${actor}: ${what}`)),
  ];
}
