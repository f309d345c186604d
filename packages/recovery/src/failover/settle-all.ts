/** Settles a home with its profiles' other Regions, one after the other, and adds up what came of it. */

import { systemClock } from "@dekhand/runtime";
import { type CallOptions, type HomeEpoch, homeEpochs } from "@dekhand/store";
import { carryDeps } from "./carry.ts";
import { elsewhere } from "./compare-all.ts";
import type { FailbackDeps, FailbackOptions, GroupProfile } from "./failback-types.ts";
import { settleRegions } from "./settle-regions.ts";
import { SETTLE_COUNTS, type SettleDeps, type SettleScope, type Sum, toSettleCounts } from "./settle-types.ts";

export const nothingSettled: Sum = {
  counts: toSettleCounts({}),
  failures: [],
};

export function scopeOf(home: string, region: string, profiles: readonly GroupProfile[]): SettleScope {
  return {
    home,
    region,
    profiles: new Set(profiles.map(({ profile }) => profile)),
    epoch: Math.max(...profiles.map(({ epoch }) => epoch)),
    epochs: new Map(profiles.map((one) => [one.profile, epochsOf(one, home)])),
  };
}

function epochsOf({ since, ...rest }: GroupProfile, region: string): readonly HomeEpoch[] {
  return since === undefined ? [] : homeEpochs({ ...rest, region, since });
}

export function settleDepsOf(deps: FailbackDeps): SettleDeps {
  const { clock = systemClock } = deps;
  return { ...carryDeps(deps), now: () => clock.now() };
}

/** Throws as `settleRegions`; RECOVERY_FAILBACK_ELSEWHERE. */
export async function settleOne(
  scope: SettleScope,
  deps: SettleDeps,
  { pagesPerSecond, onSettled, signal }: CallOptions & Pick<FailbackOptions, "pagesPerSecond" | "onSettled">,
): Promise<Sum> {
  const outcome = await settleRegions(scope, deps, {
    signal,
    ...(pagesPerSecond === undefined ? {} : { pagesPerSecond }),
    ...(onSettled === undefined ? {} : { onProgress: onSettled }),
  });
  if (outcome.kind === "finished") return outcome;
  throw elsewhere(scope);
}

export function add(one: Sum, other: Sum): Sum {
  const counts = { ...one.counts };
  for (const name of SETTLE_COUNTS) counts[name] += other.counts[name];
  return { counts, failures: [...one.failures, ...other.failures].slice(0, 100) };
}
