/** What a failover would do, and what is known before it: nothing is changed. */

import { type Profile, regionsOf } from "@dekhand/runtime";
import { RecoveryError } from "../errors.ts";
import { checkTarget } from "./check-target.ts";
import type {
  DebtBefore,
  FailoverDeps,
  FailoverPlan,
  LeftOut,
  MoveRequest,
  MoveWords,
  PlannedMove,
} from "./failover-types.ts";
import { readNotedDebt } from "./known-debt-note.ts";
import { type AskOptions, ask, type HomeReadings, type KnownHome, knownHome, readHomes } from "./read-homes.ts";

/** Throws RECOVERY_REFUSED for a profile or Region that the configuration does not have, and the signal's reason. */
export async function planFailover(
  request: MoveRequest,
  deps: FailoverDeps,
  options: AskOptions = {},
): Promise<FailoverPlan> {
  const { to } = request;
  const { regions, regionOf, mode } = deps;
  const chosen = choose(request, deps);
  const stateOf = (region: string) => regionOf(region).stores.state;
  const readings = await readHomes(regions, { stateOf }, options);
  const all = chosen.map((profile) => ({ profile, known: knownHome(profile, readings) }));
  const isNamed = request.profiles !== undefined;
  const leftOut = isNamed ? [] : answeringHomes(all, { to, readings });
  const homes = all.filter(({ profile }) => !leftOut.some((one) => one.profile === profile.name));
  const moves = homes.flatMap(({ profile, known }): PlannedMove[] => {
    if (known.region === to && !known.isContested) return [];
    const fromAnswers = readings.get(known.region)?.told ?? false;
    return [{ profile: profile.name, from: known.region, epoch: known.epoch + 1, fromAnswers }];
  });
  const there = homes.flatMap(({ profile: { name }, known }) => {
    const { region, epoch, since, earlier, isContested } = known;
    if (region !== to || isContested || since === undefined) return [];
    return [{ profile: name, region, epoch, since, ...(earlier === undefined ? {} : { earlier }) }];
  });
  const moving = homes.filter(({ profile }) => moves.some((move) => move.profile === profile.name));
  const profiles = moving.map(({ profile }) => profile);
  const [findings, debts, lastDrill] = await Promise.all([
    checkTarget(to, profiles, { deps: targetDeps(deps), ...options }),
    Promise.all([...new Set(moves.map(({ from }) => from))].map((home) => debtBefore({ home, to }, deps, options))),
    ask((call) => stateOf(to).lastDrill(to, call), options),
  ]);
  return { to, mode, isNamed, moves, leftOut, there, findings, debts, lastDrill, readings };
}

/** Why the failover is not begun, in sentences. */
export function refusalsOf(
  { to, mode, isNamed, moves, findings }: FailoverPlan,
  { force = false, reason, oldHomeStopped }: Pick<MoveWords, "force" | "reason" | "oldHomeStopped">,
): readonly string[] {
  if (moves.length === 0) return [];
  const refusals = findings.flatMap(({ verdict, what, profile, problem = "" }) =>
    verdict === "unfit" ? [what === "key" ? `${to}: the key of ${profile}: ${problem}` : `${to}: ${problem}`] : [],
  );
  const answering = new Set(moves.flatMap(({ from, fromAnswers }) => (fromAnswers ? [from] : [])));
  if (!force) {
    for (const from of answering) {
      refusals.push(
        `${from} answers, so that this would be a planned move: a failback to ${to} copies everything first, and then moves the home. To move it at once, say so with force, and why`,
      );
    }
  }
  if (force && !isNamed && answering.size > 1) {
    refusals.push(`${[...answering].join(" and ")} answer: name the profiles that are to be moved from them by force`);
  }
  if (force && reason === undefined) refusals.push("a move by force needs a reason");
  if (mode === "global" && oldHomeStopped === undefined) {
    refusals.push(
      "with global tables the last writer wins silently: say who has stopped the services that write in the old home, and when",
    );
  }
  return refusals;
}

/** The profiles that are asked for. Throws RECOVERY_REFUSED. */
export function choose({ to, profiles: names }: MoveRequest, { profiles }: Pick<FailoverDeps, "profiles">): Profile[] {
  const able = Object.values(profiles).filter((profile) => regionsOf(profile).includes(to));
  if (able.length === 0) throw refused(`no profile has the Region ${to}`);
  if (names === undefined) return able;
  return names.map((name) => {
    const found = able.find((profile) => profile.name === name);
    if (found) return found;
    throw refused(
      Object.hasOwn(profiles, name) ? `the profile ${name} has no Region ${to}` : `there is no profile ${name}`,
    );
  });
}

interface FoundHome {
  readonly profile: Profile;
  readonly known: KnownHome;
}

/**
 * Profiles that nobody has named, and whose homes have nothing to do with the Region that is lost. None where all homes
 * answer, and nothing was moved to the Region before: then it is refused, for each of them.
 */
function answeringHomes(
  homes: readonly FoundHome[],
  { to, readings }: { readonly to: string; readonly readings: HomeReadings },
): readonly LeftOut[] {
  const isThere = ({ known }: FoundHome) => known.region === to && !known.isContested;
  const [answering, silent] = [true, false].map((answers) =>
    homes.filter((one) => !isThere(one) && (readings.get(one.known.region)?.told ?? false) === answers),
  );
  const isMovedBefore = homes.some((one) => isThere(one) && one.profile.home !== to);
  if (silent?.length === 0 && !isMovedBefore) return [];
  return (answering ?? []).map(({ profile, known }) => ({ profile: profile.name, home: known.region }));
}

export function targetDeps({ regionOf }: Pick<FailoverDeps, "regionOf">) {
  return { storesOf: (region: string) => regionOf(region).stores, kms: (region: string) => regionOf(region).kms };
}

export function refused(message: string): RecoveryError {
  return new RecoveryError("RECOVERY_REFUSED", message);
}

async function debtBefore(
  { home, to }: { readonly home: string; readonly to: string },
  { regionOf }: Pick<FailoverDeps, "regionOf">,
  options: AskOptions,
): Promise<DebtBefore> {
  const stateOf = (region: string) => regionOf(region).stores.state;
  const scope = { home, region: to };
  const [own, noted] = await Promise.all([
    ask((call) => stateOf(home).debtStatus(to, call), options),
    ask((call) => readNotedDebt(stateOf(to), scope, call), options),
  ]);
  if (own.told) return { home, debt: { ...own.value, source: "home" } };
  return noted.told && noted.value ? { home, debt: { ...noted.value, source: "note" } } : { home };
}
