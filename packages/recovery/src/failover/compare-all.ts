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
  { region, lacking, outcomes }: ReconcileSummary,
  profiles: readonly string[],
): readonly string[] {
  const sentences = profiles.flatMap((profile) => {
    const { deks, records, observed } = (Object.hasOwn(lacking, profile) && lacking[profile]) || nothingLacking;
    return [
      ...(deks + records > 0 ? [`${region} lacks ${records} records and ${deks} DEKs of ${profile}`] : []),
      ...(observed > 0
        ? [`${observed} faults in what ${profile} has there were left as they are: ${observedOnly}`]
        : []),
    ];
  });
  const unrepaired = outcomes.unrepaired > 0 ? [`${outcomes.unrepaired} damaged items could not be repaired`] : [];
  return [...sentences, ...unrepaired];
}

const nothingLacking = { deks: 0, records: 0, observed: 0 };
const observedOnly = "the comparison settles nothing that both Regions have written";

export function elsewhere({ home, region }: ReconcileScope): RecoveryError {
  return new RecoveryError("RECOVERY_FAILBACK_ELSEWHERE", "somebody else is settling these two Regions", {
    retryable: true,
    context: { home, region },
  });
}

export function nowOf({ clock = systemClock }: Pick<ReconcileDeps, "clock">): string {
  return new Date(clock.now()).toISOString();
}
