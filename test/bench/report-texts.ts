import type { Row, Table } from "./benchmark.ts";
import type { Environment } from "./environment.ts";

export function headings(table: Table): readonly string[] {
  return table.columns.map(({ title, unit }) => (unit === undefined ? title : `${title} (${unit})`));
}

export function rowTexts(table: Table, row: Row): readonly string[] {
  return table.columns.map(({ key }) => {
    const value = row[key] ?? "";
    return typeof value === "number" ? numberText(value) : value;
  });
}

/** Three significant digits: more would be noise. Whole numbers stay as they are. */
export function numberText(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString("en-US");
  return Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 2 });
}

export function environmentLine({ commit, date, node, openssl, platform, cpu, cores }: Environment): string {
  return `commit ${commit}, ${date.slice(0, 10)}, Node ${node}, OpenSSL ${openssl}, ${platform}, ${cores} x ${cpu}`;
}
