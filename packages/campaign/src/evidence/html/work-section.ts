import type { Evidence } from "../schema/evidence-schema.ts";
import { html, type Markup } from "./markup.ts";
import { countsText, table } from "./table.ts";

/** What was checked beforehand, and what the segments counted on the way. */
export function workSection({ preflight, canary, progress, unreadableSegments }: Evidence): Markup {
  const checks = preflight.flatMap(({ store, region, checks: found, done }) =>
    (found ?? [{ check: done ? "its findings cannot be read" : "not done", ok: false }]).map((one) => [
      store,
      region,
      one.check,
      "key" in one ? one.key : undefined,
      one.ok ? "passed" : "NOT passed",
      "message" in one ? [one.code, one.message].filter(Boolean).join(": ") : undefined,
    ]),
  );
  const tried = canary.map(({ store, region, done, segments, counts }) => [
    store,
    region,
    `${done} of ${segments}`,
    countsText(counts),
  ]);
  const sweeps = progress.map(({ sweep, phase, store, region, done, segments, counts, lastAt }) => [
    sweep,
    phase,
    store,
    region,
    `${done} of ${segments}`,
    lastAt,
    countsText(counts),
  ]);
  return html`<section><h2>Preflight</h2>
${table(["store", "Region", "check", "key", "result", "why"], checks, "None was made.")}
<h2>Canary</h2>
${table(["store", "Region", "segments done", "counts"], tried, "None was made.")}
<h2>Progress by sweep</h2>
<p>Counters of segments tell progress only: a page that a crash undid is counted by who ran it again. Proof is the closing
census.</p>
${table(["sweep", "phase", "store", "Region", "segments done", "last", "counts"], sweeps, "There was none.")}
${unreadableSegments.length === 0 ? undefined : html`<p>Segments that cannot be read: ${unreadableSegments.join(", ")}</p>`}</section>`;
}
