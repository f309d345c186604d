/** Which profiles a failback is about, where they are, and who answers: nothing is changed. */

import { regionsOf } from "@dekhand/runtime";
import { checkTarget } from "./check-target.ts";
import type { FailbackDeps, FailbackGroup, FailbackPlan, FailbackWords, GroupProfile } from "./failback-types.ts";
import { stateDeps } from "./failover.ts";
import type { LeftOut, MoveRequest } from "./failover-types.ts";
import { choose, refused, targetDeps } from "./plan-failover.ts";
import { type AskOptions, ask, knownHome, readHomes } from "./read-homes.ts";
import { isUnfinished } from "./unfinished.ts";

/**
 * Throws RECOVERY_REFUSED for a profile or Region that the configuration does not have, for one that two Regions say to be
 * the home of, and where no profile is named and the Region is the configured home of none; the signal's reason.
 */
export async function planFailback(
  request: MoveRequest,
  deps: FailbackDeps,
  options: AskOptions = {},
): Promise<FailbackPlan> {
  const { to } = request;
  const { regions, mode } = deps;
  const { stateOf } = stateDeps(deps);
  const readings = await readHomes(regions, { stateOf }, options);
  const leftOut: LeftOut[] = [];
  const chosen: (GroupProfile & { readonly from: string })[] = [];
  const able = choose(request, deps);
  for (const profile of able) {
    const { name, home } = profile;
    const { region, epoch, since, earlier, isContested } = knownHome(profile, readings);
    if (request.profiles === undefined && home !== to && region !== to) {
      leftOut.push({ profile: name, home });
      continue;
    }
    if (isContested)
      throw refused(`two Regions say that they are the home of ${name}: run the failover to one of them`);
    const isThere = region === to && request.profiles === undefined;
    const unfinished = isThere ? await ask((call) => isUnfinished(stateOf(to), name, call), options) : undefined;
    if (isThere && !(unfinished?.told && unfinished.value)) continue;
    const began = { ...(since === undefined ? {} : { since }), ...(earlier === undefined ? {} : { earlier }) };
    chosen.push({ profile: name, from: region, epoch, ...began });
  }

  if (leftOut.length === able.length) {
    const names = leftOut.map(({ profile }) => profile).join(", ");
    throw refused(`${to} is the configured home of no profile: name those that are to move there (${names})`);
  }
  const answers = (region: string) => readings.get(region)?.told ?? false;
  const groups = [...Map.groupBy(chosen, ({ from }) => from)].map(([from, profiles]): FailbackGroup => {
    const others = regionsOfAll(profiles, deps).filter((region) => region !== from && answers(region));
    // The one that is to be the home comes first: the others get from the home what it gets.
    others.sort((one, other) => Number(other === to) - Number(one === to));
    return { from, profiles: profiles.map(({ from: _, ...rest }) => rest), others };
  });
  const concerned = new Set([to, ...groups.flatMap(({ from, profiles }) => [from, ...regionsOfAll(profiles, deps)])]);
  const silent = [...concerned].flatMap((region) => {
    const told = readings.get(region);
    return told && !told.told ? [{ region, code: told.code }] : [];
  });
  const moving = groups.flatMap(({ from, profiles }) => (from === to ? [] : profiles));
  const profiles = choose({ to, profiles: moving.map(({ profile }) => profile) }, deps);
  const findings = await checkTarget(to, profiles, { deps: targetDeps(deps), ...options });
  return { to, mode, groups, leftOut, silent, findings, readings };
}

/** Why the failback is not begun, in sentences. */
export function failbackRefusals(
  { to, mode, groups, silent, findings }: FailbackPlan,
  { oldHomeStopped, keepHome = false }: Pick<FailbackWords, "oldHomeStopped"> & { readonly keepHome?: boolean },
): readonly string[] {
  const needed = new Set([to, ...groups.map(({ from }) => from)]);
  const refusals = silent.flatMap(({ region, code }) =>
    needed.has(region) ? [`${region} does not answer (${code}), and both Regions are needed`] : [],
  );
  for (const { verdict, what, profile, problem = "" } of findings) {
    if (verdict === "unfit") refusals.push(`${to}: ${what === "key" ? `the key of ${profile}: ` : ""}${problem}`);
  }
  const isMoving = !keepHome && groups.some(({ from }) => from !== to);
  if (mode === "global" && isMoving && oldHomeStopped === undefined) {
    refusals.push(
      "with global tables the last writer wins silently: say who has stopped the services that write in the home that is left, and when",
    );
  }
  return refusals;
}

export function regionsOfAll(profiles: readonly GroupProfile[], deps: Pick<FailbackDeps, "profiles">): string[] {
  const all = profiles.flatMap(({ profile }) => {
    const configured = deps.profiles[profile];
    return configured ? regionsOf(configured) : [];
  });
  return [...new Set(all)];
}
