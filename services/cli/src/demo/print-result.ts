import { type CommandContext, print } from "../command-context.ts";
import { noteFailedLines } from "../commands/note-lines.ts";
import { counted } from "../terminal/counted.ts";
import { formatTable } from "../terminal/table.ts";
import { printCampaigns } from "./print-campaigns.ts";
import type { Comparison } from "./read-back.ts";
import type { DemoResult } from "./run-demo.ts";

export function printResult(context: CommandContext, result: DemoResult): void {
  const { records, unusable, deks, kmsCalls, stages, rejected, readAgain } = result;
  const show = (lines: readonly string[]) => {
    for (const line of lines) print(context, `  ${line}`);
    print(context);
  };
  print(context);
  show([`${counted(records, "record")} under ${counted(deks, "DEK")}`]);

  const calls = Object.entries(kmsCalls).flatMap(([region, byOperation]) =>
    Object.entries(byOperation).map(([operation, count]) => [region, operation, count, perThousand(count, records)]),
  );
  show(formatTable(["Region", "KMS operation", "calls", "per 1,000 records"], calls));
  show(
    formatTable(
      ["stage", "ms", "records/s"],
      stages.map(({ stage, ms, perSecond }) => [stage, ms, perSecond]),
    ),
  );
  show(describe(result, `, ${rejected} rejected`));
  printCampaigns(context, result);
  if (readAgain) {
    const when = readAgain.disabledKeys.length > 0 ? ", with the old key disabled" : "";
    show(describe(readAgain, ` when read again in ${readAgain.ms.toLocaleString("en-US")} ms${when}`));
  }
  if (unusable.length === 0) return;
  show([`${counted(unusable.length, "line")} not submitted`]);
  noteFailedLines(context, unusable);
}

function describe({ opened, mismatched, failures }: Comparison, more: string): readonly string[] {
  const codes = Object.entries(failures).map(([code, count]) => `${count} x ${code}`);
  return [`${opened} opened, ${mismatched} mismatched${more}`, ...codes];
}

function perThousand(count: number, records: number): number {
  return Math.round((count * 10_000) / Math.max(records, 1)) / 10;
}
