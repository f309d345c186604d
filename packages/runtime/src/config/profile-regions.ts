/** A profile in its Regions: which they are, and what it is where a failover has taken it. */

import type { Profile, Replica } from "./deployment-config.ts";
import { lookup } from "./lookup.ts";

/** The home Region first, then the replica Regions as they are configured. */
export function regionsOf({ home, replicas }: Profile): readonly string[] {
  return [home, ...Object.keys(replicas)];
}

/**
 * The profile as it is with its home in `region`, one of its Regions; undefined where it is not one of them.
 *
 * The Region that it leaves becomes a replica, reached in the way in which the new home was. So is a replica whose key is
 * related to the old home's only: from a home with an independent key, nothing can be copied to it. All other replicas
 * stay as they are.
 */
export function profileAt(profile: Profile, region: string): Profile | undefined {
  if (region === profile.home) return profile;
  const target = Object.hasOwn(profile.replicas, region) ? profile.replicas[region] : undefined;
  if (!target) return undefined;
  const { home, key, retiring } = profile;
  const { strategy, bridge, recoveryPointMs } = target;
  const way = { strategy, ...(bridge === undefined ? {} : { bridge }) };
  const left: Replica = { region: home, key, retiring, recoveryPointMs, ...way };
  const others = Object.values(profile.replicas)
    .filter((replica) => replica !== target)
    .map((replica) => (replica.strategy === "multi-region" ? { ...replica, ...way } : replica));
  const replicas = [left, ...others].map((replica) => [replica.region, replica] as const);
  return {
    ...profile,
    home: region,
    key: target.key,
    retiring: target.retiring,
    replicas: lookup(replicas, (replica) => replica),
  };
}
