import type { Report, Table } from "./benchmark.ts";
import { environmentLine, headings, numberText, rowTexts } from "./report-texts.ts";

const width = 100;

/** A report for a terminal. */
export function renderText(report: Report): string {
  const { table, furtherTables = [] } = report;
  const targets = report.targets.map(
    ({ name, bound, limit, measured, met }) =>
      `  ${met ? "met   " : "NOT MET"}  ${name}: ${numberText(measured)}, ${bound} ${limit}`,
  );
  return `${[
    `${report.benchmark}${report.quick ? " (quick)" : ""}: ${environmentLine(report.environment)}`,
    ...wrap(report.method),
    "",
    ...tableLines(table),
    "",
    ...furtherTables.flatMap((further) => [...wrap(further.title), ...tableLines(further), ""]),
    "Targets:",
    ...targets,
  ].join("\n")}\n`;
}

function tableLines(table: Table): readonly string[] {
  const cells = [headings(table), ...table.rows.map((row) => rowTexts(table, row))];
  const widths = headings(table).map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  return cells.map((row) => row.map((text, at) => text.padStart(widths[at] ?? 0)).join("  "));
}

function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length >= width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
