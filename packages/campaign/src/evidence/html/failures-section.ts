import type { Evidence } from "../schema/evidence-schema.ts";
import { html, type Markup } from "./markup.ts";
import { countsText, table } from "./table.ts";

/** What failed and was not resolved, and who decided what about it. */
export function failuresSection({ failures: { counts, unresolved, leftOut } }: Evidence): Markup {
  const rows = unresolved.map(({ store, region, id, code, message, attempts, at, skipped }) => [
    store,
    region,
    id,
    `${code}: ${message}`,
    attempts,
    at,
    skipped ? `skipped at ${skipped.at} by ${skipped.actor}: ${skipped.reason}` : "open",
  ]);
  const headings = ["store", "Region", "wrap", "last error", "attempts", "last", "decision"];
  return html`<section><h2>Failures</h2>
<p>${countsText(counts)}</p>
${table(headings, rows, "None is unresolved.")}
${leftOut === 0 ? undefined : html`<p>${leftOut} more are unresolved and not listed here.</p>`}</section>`;
}
