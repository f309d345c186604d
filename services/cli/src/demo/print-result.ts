import { type CommandContext, print } from "../command-context.ts";
import { formatTable } from "../terminal/table.ts";
import type { DemoResult } from "./run-demo.ts";

export function printResult(context: CommandContext, result: DemoResult): void {
  const { records, deks, kmsCalls, stages, rejected, opened, mismatched, failures } = result;
  const show = (lines: readonly string[]) => {
    for (const line of lines) print(context, `  ${line}`);
    print(context);
  };
  print(context);
  show([`${records.toLocaleString("en-US")} records under ${deks} DEKs`]);

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
  show([`${opened} opened, ${mismatched} mismatched, ${rejected} rejected`]);
  for (const [code, count] of Object.entries(failures)) show([`${count} x ${code}`]);
}

function perThousand(count: number, records: number): number {
  return Math.round((count * 10_000) / Math.max(records, 1)) / 10;
}
