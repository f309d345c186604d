import type { Report } from "./benchmark.ts";
import { environmentLine, headings, numberText, rowTexts } from "./report-texts.ts";

const width = 100;

/** A report for a terminal. */
export function renderText(report: Report): string {
  const cells = [headings(report.table), ...report.table.rows.map((row) => rowTexts(report.table, row))];
  const widths = headings(report.table).map((_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
  const table = cells.map((row) => row.map((text, at) => text.padStart(widths[at] ?? 0)).join("  "));
  const targets = report.targets.map(
    ({ name, bound, limit, measured, met }) =>
      `  ${met ? "met   " : "NOT MET"}  ${name}: ${numberText(measured)}, ${bound} ${limit}`,
  );
  return `${[
    `${report.benchmark}${report.quick ? " (quick)" : ""}: ${environmentLine(report.environment)}`,
    ...wrap(report.method),
    "",
    ...table,
    "",
    "Targets:",
    ...targets,
  ].join("\n")}\n`;
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
