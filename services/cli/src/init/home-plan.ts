/**
 * Profiles' homes in Regions that do not know them yet: one whose tables are new
 * after a failover would take the configured home for the one that counts.
 */

import { newestHome } from "@dekhand/recovery";
import type { CallOptions, ProfileHome, StateStore } from "@dekhand/store";

export interface HomePlan {
  /** The Region whose state table is to be told. */
  readonly region: string;
  readonly home: ProfileHome;
}

/**
 * What each Region is to be told, by what all of them say. A Region that says something keeps it, also where it lags behind:
 * failover and failback tell it. Homes that were never moved are what the configuration says.
 */
export function planHomes(known: ReadonlyMap<string, readonly ProfileHome[]>): readonly HomePlan[] {
  const byProfile = Map.groupBy([...known.values()].flat(), ({ profile }) => profile);
  const moved = [...byProfile.values()].flatMap((homes) => {
    const newest = newestHome(homes);
    return newest && newest.home.epoch > 1 && !newest.isContested ? [newest.home] : [];
  });
  return [...known].flatMap(([region, homes]) =>
    moved
      .filter(({ profile }) => !homes.some((home) => home.profile === profile))
      .map((home): HomePlan => ({ region, home })),
  );
}

/** Where somebody has told it something meanwhile, that stays. Throws StoreError. */
export async function applyHome(
  { home }: HomePlan,
  state: Pick<StateStore, "putHome">,
  options: CallOptions,
): Promise<void> {
  await state.putHome(home, { epoch: undefined }, options);
}
