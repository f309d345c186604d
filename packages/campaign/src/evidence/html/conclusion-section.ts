import type { Evidence } from "../schema/evidence-schema.ts";
import { html, type Markup } from "./markup.ts";

/** What a reader wants to know first. */
export function conclusionSection({ statement }: Evidence): Markup {
  const [status, ...rest] = statement;
  return html`<section><h2>Conclusion</h2>
<p class="status">${status}</p>
<ul>${rest.map((line) => html`<li>${line}</li>\n`)}</ul></section>`;
}
