import { type CommandContext, print } from "../command-context.ts";
import { escapeControl } from "../terminal/escape-control.ts";
import { formatTable } from "../terminal/table.ts";
import type { CensusRow } from "./census-rows.ts";
import type { DemoCampaign, RotatedKeys } from "./rotate-keys.ts";

export function printCampaigns(context: CommandContext, { campaigns, census }: RotatedKeys): void {
  if (campaigns.length === 0) return;
  const show = (lines: readonly string[]) => {
    for (const line of lines) print(context, `  ${line}`);
    print(context);
  };
  show(
    formatTable(
      ["campaign", "state", "ms", "of that waiting", "wraps swapped", "probed", "failures"],
      campaigns.map(({ kind, state, ms, waitedMs, counts: { swapped, probed = 0, failures } }) => [
        titles[kind],
        state,
        ms,
        waitedMs,
        swapped,
        probed,
        failures,
      ]),
    ),
  );
  for (const { kind, state, reason } of campaigns.filter((one) => one.state !== "complete")) {
    show([`${titles[kind]} is ${state}: ${escapeControl(reason)}`]);
  }
  show(censusTable(campaigns, census.before));
}

const titles: Readonly<Record<DemoCampaign["kind"], string>> = {
  rotation: "new material",
  key: "key to key",
  reseal: "reseal",
};

/** How many wraps say what of themselves, before and after each campaign. */
function censusTable(campaigns: readonly DemoCampaign[], before: readonly CensusRow[]): string[] {
  const censuses = [before, ...campaigns.map(({ censusAfter }) => censusAfter)];
  const kinds = new Map(censuses.flat().map((row) => [labelsOf(row).join(" "), row]));
  const regions = [...new Set([...kinds.values()].map(({ region }) => region))];
  const inOrder = [...kinds].toSorted(
    ([, a], [, b]) => a.store.localeCompare(b.store) || regions.indexOf(a.region) - regions.indexOf(b.region),
  );
  const rows = inOrder.map(([kind, row]) => [
    ...labelsOf(row),
    ...censuses.map((census) => wrapsIn(census.filter((other) => labelsOf(other).join(" ") === kind))),
  ]);
  const after = campaigns.map(({ kind }) => `after ${titles[kind]}`);
  return formatTable(["Region", "wraps of", "KMS key", "material", "before", ...after], rows);
}

function labelsOf({ region, store, keyArn, material }: CensusRow): readonly string[] {
  return [region, store, keyArn?.split("/").at(-1) ?? "not told", material?.slice(0, 8) ?? "not told"];
}

function wrapsIn(rows: readonly CensusRow[]): number {
  return rows.reduce((sum, { wraps }) => sum + wraps, 0);
}
