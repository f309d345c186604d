/**
 * Compares what a home Region has with what one of its replica Regions has, and
 * sees to the difference: what is missing or stale there becomes debt, which the
 * replicator pays; what is damaged, in either Region, is replaced from a healthy
 * one; what home has lost is brought back.
 *
 * A pass goes through both Regions' tables in segments at a bounded pace, with a
 * checkpoint after every page: whoever comes next goes on where the last one
 * ended. One process at a time is at a pass. With global tables it only observes,
 * and sees to wraps that were never made.
 */

import { systemClock } from "@dekhand/runtime";
import { claimPass } from "./claim.ts";
import { createDekBook } from "./dek-book.ts";
import { createPacer } from "./pacer.ts";
import { createPassRun } from "./pass-run.ts";
import {
  type ReconcileDeps,
  type ReconcileOptions,
  type ReconcileOutcome,
  type ReconcileScope,
  SWEEPS,
} from "./reconcile-types.ts";
import { runSweep, type SweepRun } from "./run-sweep.ts";
import { saveSummary, toSummary } from "./summary.ts";
import { lookFor } from "./sweeps.ts";
import { sumCounts } from "./tally.ts";

const defaultPagesPerSecond = 5;

/**
 * Throws StoreError, KmsError, DeksError and RECOVERY_PROBE_STOPPED where a Region cannot be asked for now, and the
 * signal's reason: the pass goes on from its checkpoints when this is called again.
 */
export async function reconcileRegion(
  scope: ReconcileScope,
  deps: ReconcileDeps,
  options: ReconcileOptions = {},
): Promise<ReconcileOutcome> {
  const { probe = 0, everyMs = 0, takeOver = false, signal } = options;
  const { clock = systemClock } = deps;
  const now = () => clock.now();
  const { state } = deps.regionOf(scope.home).stores;
  const claim = await claimPass({ state, now }, passName(scope), { probe, everyMs, takeOver, signal });
  if (typeof claim === "string") return { kind: claim };
  const pacer = createPacer(options.pagesPerSecond ?? defaultPagesPerSecond);
  try {
    return await goThrough({ state, claim, pacer, now }, deps, { ...options, scope });
  } catch (error) {
    await claim.letGo();
    throw error;
  }
}

function passName({ home, region }: ReconcileScope): string {
  return `reconcile/${home}/${region}`;
}

async function goThrough(
  sweepRun: SweepRun,
  deps: ReconcileDeps,
  { scope, signal, onProgress }: ReconcileOptions & { readonly scope: ReconcileScope },
): Promise<ReconcileOutcome> {
  const { state, claim, now } = sweepRun;
  using run = createPassRun(scope, deps, claim);
  const look = lookFor(run, createDekBook(run));
  // Deletions and repairs are carried by global tables: what the replica Region has and home has not is on its way.
  const sweeps = SWEEPS.filter((sweep) => deps.mode === "regional" || !sweep.startsWith("back-"));
  const counted: Readonly<Record<string, number>>[] = [];
  for (const sweep of sweeps) {
    const onLooked = (looked: number) => onProgress?.({ sweep, looked, findings: run.findings.count() });
    const counts = await runSweep(sweepRun, `${passName(scope)}/${sweep}`, { look: look[sweep], onLooked, signal });
    if (!counts) return { kind: "elsewhere" };
    counted.push(counts);
  }
  const counts = sumCounts(counted);
  const { startedAt } = claim;
  const endedAt = new Date(now()).toISOString();
  await saveSummary(state, scope, { counts, startedAt, doneAt: endedAt }, { signal });
  await claim.end({ signal });
  return {
    kind: "finished",
    summary: toSummary(scope, counts, { startedAt, endedAt }),
    findings: run.findings.first(),
  };
}
