import { profileAt, systemClock } from "@dekhand/runtime";
import type { CallOptions } from "@dekhand/store";
import { RecoveryError } from "../errors.ts";
import { reconcileRegion } from "../reconcile/reconcile-region.ts";
import type {
  ReconcileDeps,
  ReconcileOptions,
  ReconcileScope,
  ReconcileSummary,
} from "../reconcile/reconcile-types.ts";
import { type HomeReadings, knownHome } from "./read-homes.ts";

export interface CompareOptions extends CallOptions, Pick<ReconcileOptions, "onProgress"> {
  readonly pagesPerSecond: number;
  /** Where homes are by now. */
  readonly readings: HomeReadings;
}

/** Compares all that home and Region have, DEKs and wraps included. Throws as `reconcileRegion`; RECOVERY_FAILBACK_ELSEWHERE. */
export async function compareAll(
  scope: ReconcileScope,
  deps: ReconcileDeps,
  { readings, ...options }: CompareOptions,
): Promise<ReconcileSummary> {
  const homes: ReconcileDeps["homes"] = {
    async of(name) {
      const profile = deps.profiles[name];
      const known = profile && knownHome(profile, readings);
      const there = known && profileAt(profile, known.region);
      if (there) return { profile: there, epoch: known.epoch };
      throw new RangeError("the reconciler asks for profiles of the configuration");
    },
  };
  const outcome = await reconcileRegion(scope, { ...deps, homes }, { ...options, takeOver: true });
  if (outcome.kind === "finished") return outcome.summary;
  throw elsewhere(scope);
}

/** What of the profiles is in the home and not in the Region, in sentences. What debt names arrives when it is paid. */
export function lackingBy(
  { region, coverage, known, outcomes }: ReconcileSummary,
  profiles: readonly string[],
): readonly string[] {
  const missing = profiles.flatMap((profile) => {
    const covered = Object.hasOwn(coverage, profile) ? coverage[profile] : undefined;
    if (!covered) return [];
    const { deks, deksArrived, records, recordsArrived } = covered;
    return [{ profile, deks: deks - deksArrived, records: records - recordsArrived }];
  });
  const count = missing.reduce((sum, { deks, records }) => sum + deks + records, 0);
  const sentences = missing.flatMap(({ profile, deks, records }) =>
    deks + records > 0 ? [`${region} lacks ${records} records and ${deks} DEKs of ${profile}`] : [],
  );
  const unrepaired = outcomes.unrepaired > 0 ? [`${outcomes.unrepaired} damaged items could not be repaired`] : [];
  return [...(count > known + outcomes.owed ? sentences : []), ...unrepaired];
}

export function elsewhere({ home, region }: ReconcileScope): RecoveryError {
  return new RecoveryError("RECOVERY_FAILBACK_ELSEWHERE", "somebody else is settling these two Regions", {
    retryable: true,
    context: { home, region },
  });
}

export function nowOf({ clock = systemClock }: Pick<ReconcileDeps, "clock">): string {
  return new Date(clock.now()).toISOString();
}
