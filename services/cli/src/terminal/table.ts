import { escapeControl } from "./escape-control.ts";

/** Lines of a table in plain text: numbers to the right, everything else to the left. */
export function formatTable(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const cells = rows.map((row) =>
    row.map((cell) => (typeof cell === "number" ? cell.toLocaleString("en-US") : escapeControl(cell))),
  );
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const numeric = headings.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === "number"));
  const line = (values: readonly string[]) =>
    values
      .map((value, column) =>
        numeric[column] ? value.padStart(widths[column] ?? 0) : value.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [line(headings), widths.map((width) => "-".repeat(width)).join("  "), ...cells.map(line)];
}
