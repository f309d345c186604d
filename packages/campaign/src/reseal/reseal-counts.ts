import type { SegmentCounts } from "@dekhand/store";
import type { ResealOutcome } from "./reseal-page.ts";

/**
 * What a segment of records counts. `scanned` is the sum of all others.
 * - `resealed`: in this sweep.
 * - `other`: under a DEK that is not selected, or a copy of a record whose home is another Region.
 * - `conflict`: sealed by somebody else meanwhile. `gone`: deleted meanwhile.
 * - `failed`: recorded as failures. `malformed`: likewise; the head cannot be read.
 *
 * They tell progress. Proof is the scan that concludes the reseal.
 */
export const RESEAL_COUNTS = ["resealed", "other", "conflict", "gone", "failed", "malformed"] as const;

export type ResealCount = (typeof RESEAL_COUNTS)[number];

/** The counts after one more page, of which nothing was `left`. */
export function addResealed(
  counts: SegmentCounts,
  outcomes: readonly ResealOutcome[],
  malformed: number,
): SegmentCounts {
  const next: Record<string, number> = { ...counts };
  const add = (name: ResealCount | "scanned", count: number) => {
    if (count > 0) next[name] = (next[name] ?? 0) + count;
  };
  for (const { kind } of outcomes) {
    if (kind === "left") continue;
    add(kind, 1);
    add("scanned", 1);
  }
  add("malformed", malformed);
  add("scanned", malformed);
  return next;
}
