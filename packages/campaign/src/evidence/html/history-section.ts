import type { Evidence } from "../schema/evidence-schema.ts";
import { html, type Markup } from "./markup.ts";
import { percentText, table } from "./table.ts";

/** Everything that happened to the campaign: when, by whom and why. */
export function historySection({ history }: Evidence): Markup {
  const rows = history.map(({ seq, from, to, at, actor, reason, controls }) => [
    seq,
    at,
    from === to ? `${to} (settings changed)` : `${from ?? "created"} to ${to}`,
    actor,
    controls?.share === undefined ? reason : `${reason} (share ${percentText(controls.share)})`,
  ]);
  return html`<section><h2>History</h2>
${table(["", "time", "status", "by", "reason"], rows, "There is none.")}</section>`;
}
