/**
 * Ends a reseal: the selected DEKs are *retired* once no record can come under
 * them any more, and none is. Their wraps stay: backups hold records that only
 * they open.
 */

import type { CallOptions, DekSummary } from "@dekhand/store";
import { type CountedHeads, countHeadsUnder } from "./count-heads.ts";
import { eachSelectedDek } from "./each-selected-dek.ts";
import type { ResealRegion } from "./reseal-region.ts";
import type { ResealSelection } from "./reseal-selection.ts";

export interface ConcludeResealDeps {
  /** All that have tables. One that is left out may hold a record that nobody then looks for. */
  readonly regions: readonly ResealRegion[];
  /** See `resealWaitMs`. */
  readonly waitMs: number;
  readonly now?: () => Date;
}

/**
 * - `concluded`: all are retired, `retired` of them by this call; counted by items, as a DEK has one in each Region.
 * - `unmarked`: so many are not even retiring: mark them, and seal their records again.
 * - `too-early`: a worker may still seal under one of them, until `until` (ISO 8601).
 * - `named`: records are still under them: another sweep.
 */
export type ConcludedReseal =
  | { readonly kind: "concluded"; readonly retired: number; readonly counted: readonly CountedHeads[] }
  | { readonly kind: "unmarked"; readonly deks: number }
  | { readonly kind: "too-early"; readonly until: string }
  | { readonly kind: "named"; readonly counted: readonly CountedHeads[] };

/** Running it again is safe. Throws StoreErrors, and the signal's reason. */
export async function concludeReseal(
  selection: ResealSelection,
  { regions, waitMs, now = () => new Date() }: ConcludeResealDeps,
  { segments = 4, signal }: CallOptions & { readonly segments?: number } = {},
): Promise<ConcludedReseal> {
  const options = { segments, signal };
  const { active, since } = await statusOf(selection, regions, options);
  if (active > 0) return { kind: "unmarked", deks: active };
  const until = since + waitMs;
  if (until > now().getTime()) return { kind: "too-early", until: new Date(until).toISOString() };

  const counted = await countHeadsUnder(selection, regions, options);
  if (counted.some(({ heads }) => heads > 0)) return { kind: "named", counted };

  let retired = 0;
  for (const { deks } of regions) {
    const retire = async ({ dekId, status }: DekSummary, stop: AbortSignal) => {
      if (status !== "retiring") return;
      const change = { from: "retiring", to: "retired", at: now().toISOString() } as const;
      if ((await deks.setStatus(dekId, change, { signal: stop })) === "changed") retired += 1;
    };
    await eachSelectedDek(selection, { deks }, options, retire);
  }
  return { kind: "concluded", retired, counted };
}

/** How many of the selected DEKs are still active, and since when none can be handed out anew, in milliseconds. */
async function statusOf(
  selection: ResealSelection,
  regions: ConcludeResealDeps["regions"],
  options: CallOptions & { readonly segments: number },
) {
  // One that is born before that instant may become durable after the marking.
  let since = "deks" in selection ? Number.NEGATIVE_INFINITY : Date.parse(selection.createdBefore);
  let active = 0;
  for (const region of regions) {
    await eachSelectedDek(selection, region, options, async ({ status, statusAt }) => {
      if (status === "active") active += 1;
      if (status === "retiring" && statusAt !== undefined) since = Math.max(since, Date.parse(statusAt));
    });
  }
  return { active, since };
}
