import type { SegmentCounts } from "@dekhand/store";
import { isConcluded } from "./is-current.ts";
import type { RewrapOutcome } from "./rewrap-page.ts";

/**
 * What a segment counts. `scanned` is the sum of all others.
 * - `swapped`: rewrapped in this sweep.
 * - `current`: nothing to do. `currentConcluded`: likewise, but no material id says so (see `CurrentBy`).
 * - `other`: under a key that the campaign does not concern.
 * - `conflict`: changed by somebody else meanwhile. `gone`: deleted meanwhile.
 * - `copied`: copies that another Region's wraps took the place of. `waits`: copies whose home's wrap is not current yet.
 * - `followed`: copies, passed over while wraps are rewrapped: they come after those that they are copies of.
 * - `failed`: recorded as failures. `malformed`: likewise; what is stored is no wrap.
 *
 * They tell progress. Proof is the closing census: a page that a crash undid is
 * counted by whoever ran it again.
 */
export const REWRAP_COUNTS = [
  "swapped",
  "current",
  "currentConcluded",
  "other",
  "conflict",
  "gone",
  "copied",
  "waits",
  "followed",
  "failed",
  "malformed",
] as const;

export type RewrapCount = (typeof REWRAP_COUNTS)[number];

/** The counts after one more page, of which nothing was `left`. */
export function addPage(
  counts: SegmentCounts,
  outcomes: readonly RewrapOutcome[],
  { malformed, followed = 0 }: { readonly malformed: number; readonly followed?: number },
): SegmentCounts {
  const next: Record<string, number> = { ...counts };
  const add = (name: RewrapCount | "scanned", count: number) => {
    if (count > 0) next[name] = (next[name] ?? 0) + count;
  };
  for (const outcome of outcomes) {
    if (outcome.kind === "left") continue;
    add(outcome.kind === "current" && isConcluded(outcome.by) ? "currentConcluded" : outcome.kind, 1);
    add("scanned", 1);
  }
  add("malformed", malformed);
  add("followed", followed);
  add("scanned", malformed + followed);
  return next;
}

/** Totals of segments. */
export function addCounts(all: Iterable<SegmentCounts>): SegmentCounts {
  const totals: Record<string, number> = {};
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count;
  }
  return totals;
}
