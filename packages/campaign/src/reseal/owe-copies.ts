/**
 * Records that were sealed again are owed to their replica Regions, whose copies
 * are still under the old DEK.
 *
 * Written after the records, so that no copy is made of what was there before. What
 * a crash in between leaves unowed, reconciling finds; until then the reseal is not
 * concluded, since it looks into every Region's records.
 */

import { type CallOptions, type RecordHead, type StateStore, splitDebt } from "@dekhand/store";
import type { ResealOutcome } from "./reseal-page.ts";

export async function oweCopies(
  heads: readonly RecordHead[],
  outcomes: readonly ResealOutcome[],
  { state, at }: { readonly state: Pick<StateStore, "putDebt">; readonly at: string },
  options: CallOptions,
): Promise<void> {
  const owed = new Map<string, string[]>();
  for (const [index, { recordId }] of heads.entries()) {
    const outcome = outcomes[index];
    if (outcome?.kind !== "resealed") continue;
    for (const region of outcome.replicas) owed.set(region, [...(owed.get(region) ?? []), recordId]);
  }
  const debt = [...owed].flatMap(([region, recordIds]) => splitDebt({ region, recordIds, dekIds: [], at }));
  if (debt.length > 0) await state.putDebt(debt, options);
}
