/** Tells all Regions of the deployment where homes are, by what each of them says now. */

import type { ProfileHome } from "@dekhand/store";
import { stateDeps } from "./failover.ts";
import type { FailoverDeps } from "./failover-types.ts";
import { type HomeSpread, spreadHome } from "./move-home.ts";
import { type AskOptions, readHomes } from "./read-homes.ts";

export interface Telling {
  /** Each Region once. */
  readonly untold: HomeSpread["untold"];
  /** A Region has heard of one of these homes only now: what it has of services follows from now on. */
  readonly isNews: boolean;
}

/** Throws RECOVERY_HOME_CONTESTED, StoreError, and the signal's reason. */
export async function tellRegions(
  homes: readonly ProfileHome[],
  { regions, ...deps }: Pick<FailoverDeps, "regions" | "regionOf">,
  options: AskOptions,
): Promise<Telling> {
  const { stateOf } = stateDeps(deps);
  const readings = await readHomes(regions, { stateOf }, options);
  const untold = new Map<string, HomeSpread["untold"][number]>();
  let isNews = false;
  for (const home of homes) {
    const isNewTo = (region: string) => {
      const reading = readings.get(region);
      return reading?.told === true && (reading.value.get(home.profile)?.epoch ?? 0) < home.epoch;
    };
    const spread = await spreadHome(home, { stateOf }, { ...options, readings });
    for (const one of spread.untold) untold.set(one.region, one);
    isNews ||= spread.told.some(isNewTo);
  }
  return { untold: [...untold.values()], isNews };
}
