import { html, type Markup } from "./markup.ts";

export type Cell = Markup | string | number | undefined;

/** A table, or `none` where it would have no rows. Numbers stand to the right. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[], none: string): Markup {
  if (rows.length === 0) return html`<p class="none">${none}</p>`;
  const head = headings.map((heading) => html`<th scope="col">${heading}</th>`);
  const body = rows.map((cells) => html`<tr>${cells.map(cell)}</tr>\n`);
  return html`<table><thead><tr>${head}</tr></thead><tbody>\n${body}</tbody></table>`;
}

/** Names and what they are. */
export function facts(rows: readonly (readonly [string, Cell])[]): Markup {
  const present = rows.filter(([, value]) => value !== undefined);
  return html`<dl>${present.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
}

function cell(value: Cell): Markup {
  return typeof value === "number" ? html`<td class="number">${value}</td>` : html`<td>${value}</td>`;
}

/** Counts by name, as one cell. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  const said = Object.entries(counts).map(([name, count]) => `${name} ${count.toLocaleString("en-US")}`);
  return said.length === 0 ? "nothing" : said.join(", ");
}

export function percentText(part: number): string {
  return part.toLocaleString("en-US", { style: "percent", maximumFractionDigits: 4 });
}
