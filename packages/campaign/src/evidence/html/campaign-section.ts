import type { Evidence } from "../schema/evidence-schema.ts";
import { html, type Markup } from "./markup.ts";
import { facts, percentText, table } from "./table.ts";

/** What the campaign was to do, and how it was set. */
export function campaignSection({ campaign, times, verification, software, collectedAt }: Evidence): Markup {
  const { id, kind, status, pausedFrom, targets, settings, controls, locks, createdAt, createdBy } = campaign;
  const about = facts([
    ["campaign", id],
    ["kind", kind],
    ["status", pausedFrom === undefined ? status : `${status} (from ${pausedFrom})`],
    ["created", `${createdAt} by ${createdBy}`],
    ["started", times.startedAt],
    ["ended", times.endedAt],
    ["duration", times.durationMs === undefined ? undefined : durationText(times.durationMs)],
    ["probes", verification && `by ${verification.probeBy}, of ${percentText(verification.sample)} of the wraps`],
    ["settings", pairs(settings)],
    ["share of the quota", controls.share === undefined ? undefined : percentText(controls.share)],
    ["left by its steps", pairs(campaign.facts)],
    ["locks", locks.join(", ") || undefined],
    ["collected", `${collectedAt} by ${software.name} ${software.version}`],
  ]);
  const rows = targets.map(({ store, region, sources, keyArn, material, rotatedAt }) => [
    store,
    region,
    html`${sources.map((source) => html`<div>${source}</div>`)}`,
    keyArn,
    material ?? "not told",
    rotatedAt,
  ]);
  const headings = ["store", "Region", "from keys", "to key", "key material", "rotated"];
  return html`<section><h2>Campaign</h2>${about}<h2>Targets</h2>${table(headings, rows, "It has none.")}</section>`;
}

function pairs(texts: Readonly<Record<string, string>>): string | undefined {
  const said = Object.entries(texts).map(([name, text]) => `${name}: ${text}`);
  return said.length === 0 ? undefined : said.join(", ");
}

function durationText(durationMs: number): string {
  const seconds = Math.round(durationMs / 1_000);
  const parts: readonly [number, string][] = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const shown = parts.filter(([amount]) => amount > 0).map(([amount, unit]) => `${amount} ${unit}`);
  return shown.length === 0 ? `${durationMs} ms` : shown.join(" ");
}
