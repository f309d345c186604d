/**
 * Brings a home and another Region to the same records: what was written on one
 * side alone gets to the other, and what was written on both is settled, the loser
 * kept. Both tables are scanned in segments with a checkpoint a page; whoever comes
 * next goes on where the last one ended, and one process at a time is at it.
 */

import { createHash } from "node:crypto";
import { claimPass } from "../reconcile/claim.ts";
import { createPacer } from "../reconcile/pacer.ts";
import { type LookAtPage, type PageRequest, runSweep } from "../reconcile/run-sweep.ts";
import { sumCounts } from "../reconcile/tally.ts";
import { settleOurs, settleTheirs } from "./settle-page.ts";
import { createSettleRun, type SettleRun } from "./settle-run.ts";
import {
  type SettleDeps,
  type SettleOptions,
  type SettleOutcome,
  type SettleScope,
  type SettleSweep,
  toSettleCounts,
} from "./settle-types.ts";

const defaultPagesPerSecond = 50;

/**
 * A record that fails stops no other. Throws StoreError where a Region cannot be read, and the signal's reason: it goes on
 * from its checkpoints.
 */
export async function settleRegions(
  scope: SettleScope,
  deps: SettleDeps,
  { pagesPerSecond = defaultPagesPerSecond, onProgress, signal }: SettleOptions = {},
): Promise<SettleOutcome> {
  const run = createSettleRun(scope, deps);
  const { state } = run.home.stores;
  const { now } = deps;
  const name = nameOf(scope);
  const claim = await claimPass({ state, now }, name, { everyMs: 0, takeOver: false, probe: 0, signal });
  if (typeof claim === "string") return { kind: "elsewhere" };
  const pass = { state, claim, pacer: createPacer(pagesPerSecond), now };
  try {
    const looks: readonly (readonly [SettleSweep, LookAtPage])[] = [
      ["theirs", (page) => look(run, page, { place: run.other, settle: settleTheirs })],
      ["ours", (page) => look(run, page, { place: run.home, settle: settleOurs })],
    ];
    const counted: Readonly<Record<string, number>>[] = [];
    for (const [sweep, lookAt] of looks) {
      const onLooked = (looked: number) => onProgress?.({ region: scope.region, sweep, looked });
      const counts = await runSweep(pass, `${name}/${sweep}`, { look: lookAt, onLooked, signal });
      if (!counts) return { kind: "elsewhere" };
      counted.push(counts);
    }
    await claim.end({ signal });
    return { kind: "finished", counts: toSettleCounts(sumCounts(counted)), failures: run.failures() };
  } catch (error) {
    await claim.letGo();
    throw error;
  }
}

interface Side {
  readonly place: SettleRun["home"];
  readonly settle: typeof settleOurs;
}

async function look(run: SettleRun, { segment, cursor, tally, signal }: PageRequest, { place, settle }: Side) {
  const from = cursor === undefined ? {} : { cursor };
  const page = await place.stores.records.scanHeads(segment, { ...from, consistent: true, signal });
  await settle(run, page.heads, { tally, signal });
  return { looked: page.heads.length, ...(page.cursor === undefined ? {} : { cursor: page.cursor }) };
}

/** Checkpoints are those of these profiles in this epoch. */
function nameOf({ home, region, profiles, epoch }: SettleScope): string {
  const about = JSON.stringify([epoch, ...[...profiles].toSorted()]);
  return `settle/${home}/${region}/${createHash("sha256").update(about).digest("hex").slice(0, 16)}`;
}
