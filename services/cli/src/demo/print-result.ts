import { type CommandContext, print } from "../command-context.ts";
import { noteFailedLines } from "../commands/note-lines.ts";
import { counted } from "../terminal/counted.ts";
import { formatTable } from "../terminal/table.ts";
import type { DemoResult } from "./demo-result.ts";
import type { KmsCalls } from "./kms-calls.ts";
import { printCampaigns } from "./print-campaigns.ts";
import { printRegions } from "./print-regions.ts";
import type { Comparison } from "./read-back.ts";

export function printResult(context: CommandContext, result: DemoResult): void {
  const { records, unusable, deks, kmsCalls, stages, rejected, readAgain, regions } = result;
  const show = (lines: readonly string[]) => {
    for (const line of lines) print(context, `  ${line}`);
    print(context);
  };
  print(context);
  show([`${counted(records, "record")} under ${counted(deks, "DEK")}`]);

  show(callTable(kmsCalls, records));
  show(
    formatTable(
      ["stage", "ms", "records/s"],
      stages.map(({ stage, ms, perSecond }) => [stage, ms, perSecond]),
    ),
  );
  show(describe(result, `, ${rejected} rejected`));
  printCampaigns(context, result);
  if (readAgain) {
    const when = readAgain.disabledKeys.length > 0 ? ", with the old keys disabled" : "";
    show(describe(readAgain, ` when read again in ${readAgain.ms.toLocaleString("en-US")} ms${when}`));
  }
  printRegions(context, regions);
  if (unusable.length === 0) return;
  show([`${counted(unusable.length, "line")} not submitted`]);
  noteFailedLines(context, unusable);
}

/** A line for each operation, a column for each Region. */
function callTable(kmsCalls: KmsCalls, records: number): string[] {
  const regions = Object.keys(kmsCalls);
  const operations = new Set(Object.values(kmsCalls).flatMap((counts) => Object.keys(counts)));
  const rows = [...operations].map((operation) => {
    const counts = regions.map((region) => kmsCalls[region]?.[operation] ?? 0);
    const all = counts.reduce((sum, count) => sum + count, 0);
    return [operation, ...counts, perThousand(all, records)];
  });
  return formatTable(["KMS calls", ...regions, "per 1,000 records"], rows);
}

function describe({ opened, mismatched, failures }: Comparison, more: string): readonly string[] {
  const codes = Object.entries(failures).map(([code, count]) => `${count} x ${code}`);
  return [`${opened} opened, ${mismatched} mismatched${more}`, ...codes];
}

function perThousand(count: number, records: number): number {
  return Math.round((count * 10_000) / Math.max(records, 1)) / 10;
}
