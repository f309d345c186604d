/**
 * How much of a profile's records its replica Regions have, by comparing the
 * tables: that no debt is left says only that nothing is known to be missing.
 */

import { type Coverage, type OpenedRecovery, reconcileRegion } from "@dekhand/recovery";
import type { Profile } from "@dekhand/runtime";
import type { CommandContext } from "../command-context.ts";
import { openReplicas } from "../commands/replicas-open.ts";
import type { Connection } from "../connect.ts";
import { startProgress } from "../terminal/progress.ts";
import { type ReplicationOptions, untilReplicated } from "./until-replicated.ts";

export type CoverageCounts = Pick<Coverage, "records" | "recordsArrived" | "deks" | "deksArrived">;

export interface CoverageDeps {
  readonly connection: Connection;
  readonly context: CommandContext;
}

export function isCovered({ records, recordsArrived, deks, deksArrived }: CoverageCounts): boolean {
  return recordsArrived === records && deksArrived === deks;
}

/** By replica Region: all of it, or what there is when nothing more arrives. Throws as `reconcileRegion`. */
export async function untilCovered(
  profile: Profile,
  deps: CoverageDeps,
  options: ReplicationOptions = {},
): Promise<ReadonlyMap<string, CoverageCounts>> {
  using recovery = openReplicas(deps.connection);
  const found = new Map<string, CoverageCounts>();
  for (const region of Object.keys(profile.replicas)) {
    let before: CoverageCounts | undefined;
    for (;;) {
      const coverage = await compare(profile, region, { ...deps, recovery });
      found.set(region, coverage);
      if (isCovered(coverage) || (before && !hasMore(coverage, before))) break;
      before = coverage;
      // What was found to be missing is debt by now.
      await waitForDebt(profile, [region], deps, options);
    }
  }
  return found;
}

/** What these Regions lack, or have stale, is found and brought there. Throws as `reconcileRegion`. */
export async function bringAlong(
  profile: Profile,
  regions: readonly string[],
  deps: CoverageDeps,
  options: ReplicationOptions = {},
): Promise<void> {
  using recovery = openReplicas(deps.connection);
  for (const region of regions) await compare(profile, region, { ...deps, recovery });
  await waitForDebt(profile, regions, deps, options);
}

function waitForDebt(
  { home }: Profile,
  regions: readonly string[],
  { connection, context }: CoverageDeps,
  options: ReplicationOptions,
): Promise<void> {
  return untilReplicated({ home, regions }, { stores: connection.stores, context }, options);
}

/** As fast as the machine reads them. */
const pagesPerSecond = 10_000;

async function compare(
  { name, home }: Profile,
  region: string,
  { recovery, context: { signal, stderr: stream } }: CoverageDeps & { readonly recovery: OpenedRecovery },
): Promise<CoverageCounts> {
  using progress = startProgress({ label: `comparing ${region} with ${home}`, stream });
  const looked = new Map<string, number>();
  for (;;) {
    const outcome = await reconcileRegion({ home, region }, recovery.reconcile, {
      ...{ signal, pagesPerSecond, takeOver: true },
      onProgress(now) {
        const more = now.looked - (looked.get(now.sweep) ?? 0);
        if (more > 0) progress.advance(more);
        looked.set(now.sweep, now.looked);
      },
    });
    // Somebody at another terminal has begun anew: so is this.
    if (outcome.kind !== "finished") continue;
    progress.finish();
    const { coverage } = outcome.summary;
    return coverage[name] ?? { deks: 0, deksArrived: 0, records: 0, recordsArrived: 0 };
  }
}

function hasMore(now: CoverageCounts, before: CoverageCounts): boolean {
  return now.recordsArrived > before.recordsArrived || now.deksArrived > before.deksArrived;
}
