import type { Report, Table } from "./benchmark.ts";
import { environmentLine, headings, numberText, rowTexts } from "./report-texts.ts";

/** A report as it stands in docs/benchmarks.md. */
export function renderMarkdown(report: Report): string {
  const { table, furtherTables = [], targets } = report;
  return [
    `Measured at ${environmentLine(report.environment)}${report.quick ? " (quick run)" : ""}.`,
    "",
    report.method,
    "",
    ...tableLines(table),
    ...furtherTables.flatMap((further) => ["", further.title, "", ...tableLines(further)]),
    "",
    tableRow(["target", "limit", "measured", "met"]),
    tableRow(["---", "---", "---:", "---"]),
    ...targets.map(({ name, bound, limit, measured, met }) =>
      tableRow([name, `${bound} ${limit}`, numberText(measured), met ? "yes" : "**no**"]),
    ),
  ].join("\n");
}

function tableLines(table: Table): readonly string[] {
  return [
    tableRow(headings(table)),
    tableRow(table.columns.map((_, at) => (at === 0 ? "---" : "---:"))),
    ...table.rows.map((row) => tableRow(rowTexts(table, row))),
  ];
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
