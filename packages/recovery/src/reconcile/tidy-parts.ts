/**
 * Deletes parts of envelopes that no head names any more: those of records that
 * were sealed again or replaced, and of writes that were never finished.
 *
 * A part is marked when it is first seen to be of no use, and deleted when it
 * still is a day later and no Region's head names its sealing: readers that are
 * slow, and Regions that are behind, find it until then. A part that was written
 * again has no mark, and stays.
 */

import { type Clock, systemClock } from "@dekhand/runtime";
import type { CallOptions, RecordStore, StateStore, StoredPart } from "@dekhand/store";
import { claimPass } from "./claim.ts";
import { createPacer } from "./pacer.ts";
import { type PageRequest, runSweep } from "./run-sweep.ts";
import { isRecordId } from "./usable-ids.ts";

export interface TidyDeps {
  /** The Region whose parts are looked at. */
  readonly records: Pick<RecordStore, "scanParts" | "markParts" | "deleteParts" | "getHeads">;
  readonly state: Pick<StateStore, "getScan" | "saveScan">;
  /** The deployment's other Regions that hold records. */
  readonly others: readonly Pick<RecordStore, "getHeads">[];
  readonly clock?: Clock;
}

export interface TidyOptions extends CallOptions {
  /** Begin no pass earlier than so long after the last one began, in milliseconds. Default 0: now. */
  readonly everyMs?: number;
  /** How long a part stays after it was marked, in milliseconds. Default one day. */
  readonly keepMs?: number;
  /** Default 5. */
  readonly pagesPerSecond?: number;
}

export type TidyOutcome =
  | { readonly kind: "finished"; readonly parts: number; readonly marked: number; readonly deleted: number }
  | { readonly kind: "elsewhere" | "not-due" };

const dayMs = 86_400_000;
const name = "tidy-parts";

/** Throws StoreError where a Region cannot be asked, and the signal's reason: it goes on from its checkpoints. */
export async function tidyParts(deps: TidyDeps, options: TidyOptions = {}): Promise<TidyOutcome> {
  const { everyMs = 0, keepMs = dayMs, pagesPerSecond = 5, signal } = options;
  const { state, clock = systemClock } = deps;
  const now = () => clock.now();
  const claim = await claimPass({ state, now }, name, { everyMs, takeOver: false, probe: 0, signal });
  if (typeof claim === "string") return { kind: claim };
  const run = { state, claim, pacer: createPacer(pagesPerSecond), now };
  const look = (page: PageRequest) => lookAtParts(deps, page, { now: now(), keepMs });
  try {
    const counts = await runSweep(run, `${name}/parts`, { look, onLooked: () => undefined, signal });
    if (!counts) return { kind: "elsewhere" };
    await claim.end({ signal });
    const { looked: parts = 0, marked = 0, deleted = 0 } = counts;
    return { kind: "finished", parts, marked, deleted };
  } catch (error) {
    await claim.letGo();
    throw error;
  }
}

async function lookAtParts(
  { records, others }: TidyDeps,
  { segment, cursor, tally, signal }: PageRequest,
  { now, keepMs }: { readonly now: number; readonly keepMs: number },
) {
  const from = cursor === undefined ? {} : { cursor };
  const page = await records.scanParts(segment, { ...from, signal });
  const usable = page.parts.filter(({ recordId }) => isRecordId(recordId));
  const orphans = await unnamedBy(records, usable, { signal });
  const fresh = orphans.filter(({ orphanedAt }) => orphanedAt === undefined);
  await records.markParts(fresh, new Date(now).toISOString(), { signal });
  tally.add("marked", fresh.length);

  let old: readonly StoredPart[] = orphans.filter(
    ({ orphanedAt }) => orphanedAt !== undefined && now - Date.parse(orphanedAt) >= keepMs,
  );
  for (const other of others) old = await unnamedBy(other, old, { signal });
  tally.add("deleted", await records.deleteParts(old, { signal }));
  return { looked: page.parts.length, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
}

/** Those whose sealing no head there names. What a head that cannot be read names, nobody knows. */
async function unnamedBy(
  records: Pick<RecordStore, "getHeads">,
  parts: readonly StoredPart[],
  options: CallOptions,
): Promise<readonly StoredPart[]> {
  if (parts.length === 0) return [];
  const ids = [...new Set(parts.map(({ recordId }) => recordId))];
  const { heads, malformed } = await records.getHeads(ids, options);
  const unreadable = new Set(malformed.map(({ recordId }) => recordId));
  return parts.filter(({ recordId, sealId }) => heads.get(recordId)?.sealId !== sealId && !unreadable.has(recordId));
}
