import type { DrillResult } from "@dekhand/store";
import { formatDuration } from "./campaign/format-duration.ts";

const dayMs = 86_400_000;

export function describeMs(ms: number): string {
  return ms < 1_000 ? "0 s" : formatDuration(ms / 1_000);
}

/** Rounded down: 100 % is all of it. Of nothing, all is there. */
export function percentOf(part: number, whole: number): string {
  if (part >= whole) return "100 %";
  return `${(Math.floor((part / whole) * 10_000) / 100).toFixed(2)} %`;
}

/** `yesterday, 10,000 opened, 0 failed`. */
export function describeDrill(drill: DrillResult | undefined, now: number): string {
  if (!drill) return "never";
  const { endedAt, opened, failed } = drill;
  const format = (count: number) => count.toLocaleString("en-US");
  return `${describeAge(now - Date.parse(endedAt))}, ${format(opened)} opened, ${format(failed)} failed`;
}

function describeAge(ms: number): string {
  const days = Math.floor(ms / dayMs);
  if (days >= 2) return `${days} days ago`;
  if (days === 1) return "yesterday";
  return ms < 60_000 ? "just now" : `${formatDuration(ms / 1_000)} ago`;
}
