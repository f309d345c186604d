/**
 * Sets the selected DEKs *retiring*, before their records are sealed again.
 *
 * The status is for people, and for the end of the reseal. That no new seals come
 * under them needs no look at it: a DEK is handed out for sealing by the worker
 * that made it only, for its reuse age at most, and no worker takes one from the
 * table for that. `resealWaitMs` says from when on none can come.
 */

import type { CallOptions, DekSummary } from "@dekhand/store";
import { eachSelectedDek } from "./each-selected-dek.ts";
import type { ResealRegion } from "./reseal-region.ts";
import type { ResealSelection } from "./reseal-selection.ts";

export interface MarkRetiringDeps {
  /** All that have tables: each has its own items of a DEK. */
  readonly regions: readonly Pick<ResealRegion, "region" | "deks">[];
  readonly now?: () => Date;
}

/** Counted by items: a DEK that two Regions have counts twice. */
export interface MarkedDeks {
  /** By this call. */
  readonly marked: number;
  /** Were retiring. */
  readonly already: number;
  /** Were retired before, and stay so. */
  readonly retired: number;
  /** Selected ids that no Region has. */
  readonly missing: readonly string[];
  /** DEKs that this version cannot read: none of them is marked. */
  readonly malformed: number;
}

/** Running it again is safe. Throws StoreErrors, and the signal's reason; some DEKs may then be marked. */
export async function markRetiring(
  selection: ResealSelection,
  { regions, now = () => new Date() }: MarkRetiringDeps,
  { segments = 4, signal }: CallOptions & { readonly segments?: number } = {},
): Promise<MarkedDeks> {
  const count = { marked: 0, already: 0, retired: 0 };
  let malformed = 0;
  let missing = "deks" in selection ? selection.deks : [];
  for (const { deks } of regions) {
    const mark = async ({ dekId, status }: DekSummary, stop: AbortSignal) => {
      if (status === "retiring") count.already += 1;
      else if (status === "retired") count.retired += 1;
      else {
        const at = now().toISOString();
        const outcome = await deks.setStatus(dekId, { from: "active", to: "retiring", at }, { signal: stop });
        // Nothing leads back to active: whoever was quicker has marked it.
        if (outcome === "changed") count.marked += 1;
        if (outcome === "conflict") count.already += 1;
      }
    };
    const unseen = await eachSelectedDek(selection, { deks }, { segments, signal }, mark);
    malformed += unseen.malformed;
    missing = missing.filter((dekId) => unseen.missing.includes(dekId));
  }
  return { ...count, missing, malformed };
}
