/** The steps of a failback for profiles that have the same home. Each of them may be done again at any time. */

import { sleep } from "@dekhand/runtime";
import type { ProfileHome } from "@dekhand/store";
import { nowOf } from "./compare-all.ts";
import { begin, cover, type GroupOrder, type Returning } from "./cover.ts";
import type { FailbackDeps, FailbackGroup, FailbackOptions, GroupProfile, GroupResult } from "./failback-types.ts";
import { moveHome, stateDeps } from "./failover.ts";
import type { MovedHome } from "./failover-types.ts";
import { finishGroup } from "./finish-group.ts";
import { withEarlier } from "./home-history.ts";
import { type HomeSpread, spreadHome } from "./move-home.ts";
import { add } from "./settle-all.ts";
import { tellRegions } from "./tell-regions.ts";
import { noteBegun } from "./unfinished.ts";

const defaults = { followMs: 20_000, patienceMs: 60_000, pagesPerSecond: 50 };

/** Throws StoreError, KmsError, RECOVERY_HOME_CONTESTED, RECOVERY_FAILBACK_ELSEWHERE, and the signal's reason. */
export async function returnGroup(order: GroupOrder, deps: FailbackDeps, given: FailbackOptions): Promise<GroupResult> {
  const work: Returning = { ...order, deps, options: { ...defaults, ...given } };
  const { group, plan, words } = order;
  const profiles = group.profiles.map(({ profile }) => profile);
  const about = { from: group.from, profiles };
  begin(work, "tell");
  if (group.from === plan.to) {
    const { counts: settled, failures, missing } = await finish(work, group);
    return { ...about, kind: missing.length === 0 ? "returned" : "incomplete", moved: [], settled, failures, missing };
  }

  await tell(work);
  const covered = await cover(work);
  const { counts: settled, failures } = covered.sum;
  const before = { ...about, compared: covered.compared, missing: covered.missing };
  if (covered.missing.length > 0 && words.acceptIncomplete === undefined) {
    return { ...before, kind: "incomplete", moved: [], settled, failures };
  }
  if (work.options.keepHome) {
    const kind = covered.missing.length > 0 ? "incomplete" : "settled";
    return { ...before, kind, moved: [], settled, failures };
  }

  const moved = await move(work, covered.missing);
  const after = await follow(work, moved);
  const sum = add(covered.sum, after);
  const missing = [...covered.missing, ...after.missing];
  const kind = missing.length > 0 ? "incomplete" : "returned";
  const heard = moved.map((home) => withHeard(home, after.untold));
  return { ...before, kind, moved: heard, settled: sum.counts, failures: sum.failures, missing };
}

/** An old home that has come back goes on as the home until it hears of the new one. */
async function tell(work: Returning): Promise<void> {
  const { group, plan, deps, options } = work;
  for (const one of group.profiles) {
    const home = homeOf(one, group.from);
    if (!home) continue;
    await spreadHome(home, stateDeps(deps), { signal: options.signal, readings: plan.readings });
  }
}

/** Undefined: it was never moved. */
function homeOf({ since, ...rest }: GroupProfile, region: string): ProfileHome | undefined {
  return since === undefined ? undefined : { ...rest, region, since };
}

async function move(work: Returning, missing: readonly string[]): Promise<readonly MovedHome[]> {
  const { group, plan, words, deps, options } = work;
  begin(work, "move");
  const { state } = deps.regionOf(plan.to).stores;
  const moved: MovedHome[] = [];
  for (const { profile, epoch } of group.profiles) {
    await noteBegun(state, profile, { at: nowOf(deps), signal: options.signal });
    const accepted = missing.length === 0 ? {} : { incomplete: missing.join("; "), accepted: words.acceptIncomplete };
    const facts = Object.fromEntries(
      Object.entries({ tables: plan.mode, ...accepted }).flatMap(([name, fact]) =>
        fact === undefined ? [] : [[name, fact]],
      ),
    );
    const order = { profile, from: group.from, to: plan.to, epoch: epoch + 1, act: "failback", words, facts } as const;
    moved.push(await moveHome(order, { ...deps, readings: plan.readings }, { signal: options.signal }));
  }
  return moved;
}

async function follow(work: Returning, moved: readonly MovedHome[]) {
  const { group, plan, deps, options } = work;
  const since = nowOf(deps);
  const epochOf = new Map(moved.map(({ profile, epoch }) => [profile, epoch]));
  const profiles = group.profiles.map((one) => {
    const { profile } = one;
    const next = { profile, region: plan.to, epoch: epochOf.get(profile) ?? one.epoch, since };
    return withEarlier(next, [homeOf(one, group.from)]);
  });
  if (plan.mode === "regional") {
    begin(work, "follow");
    await sleep(options.followMs, { signal: options.signal });
  }
  const others = [group.from, ...group.others.filter((region) => region !== plan.to)];
  return finish(work, { ...group, profiles, others });
}

async function finish(work: Returning, group: FailbackGroup) {
  const { plan, deps, options } = work;
  const { untold, isNews } = await tellRegions(await homesAt(work), deps, { signal: options.signal });
  if (isNews && plan.mode === "regional") {
    begin(work, "follow");
    await sleep(options.followMs, { signal: options.signal });
  }
  const { to, mode, silent } = plan;
  const finished = await finishGroup({ group, to, mode, silent, untold }, deps, options);
  return { ...finished, untold };
}

/** As the Region itself says: that is what the others are to hear. */
async function homesAt({ group, plan, deps, options }: Returning): Promise<readonly ProfileHome[]> {
  const { state } = deps.regionOf(plan.to).stores;
  const homes = await Promise.all(
    group.profiles.map(({ profile }) => state.getHome(profile, { signal: options.signal })),
  );
  return homes.flatMap((home) => (home?.region === plan.to ? [home] : []));
}

/** A Region that was silent as the home moved may have been told since. */
function withHeard(home: MovedHome, untold: HomeSpread["untold"]): MovedHome {
  const [still, since] = [true, false].map((isUntold) =>
    home.untold.filter(({ region }) => untold.some((one) => one.region === region) === isUntold),
  );
  return { ...home, told: [...home.told, ...(since ?? []).map(({ region }) => region)], untold: still ?? [] };
}
