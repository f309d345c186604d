/** Compares DEKs and wraps of a home and a replica Region, mends what it can, and notes the rest as debt. */

import { isDekId } from "@dekhand/envelope";
import type { Profile } from "@dekhand/runtime";
import type { CallOptions, StoredDek } from "@dekhand/store";
import { isStaleCopy } from "../replicate/judge-wrap.ts";
import type { FindingClass } from "./findings.ts";
import { type DekFault, type DekPair, isCopyOf, judgeDek } from "./judge-dek.ts";
import type { DebtIds } from "./known-debt.ts";
import { oweWhatIsMissing } from "./owe.ts";
import type { PassRun } from "./pass-run.ts";
import { type Repair, repairDek } from "./repair.ts";
import type { Tally } from "./tally.ts";

/** How a DEK stands after it was looked at. */
export interface DekStanding {
  /** The profile with its home in the pass's, where the pass is about it. */
  readonly profile?: Profile;
  /** The replica Region has DEK and wrap. */
  readonly arrived: boolean;
  /** Neither Region has the DEK, whoever's it is. */
  readonly isNowhere?: boolean;
  /** It lacks DEK or wrap, is owed them, and nothing else is wrong: it may have them at the next look. */
  readonly isAwaited?: boolean;
  /** All that is wrong with it there is that it is owed something. */
  readonly isOwed?: boolean;
}

export interface InspectOptions extends CallOptions {
  readonly tally: Tally;
  /** Whether KMS is asked about the part of the wraps that the pass draws. Default true. */
  readonly sampled?: boolean;
}

/** DEKs read together: two items each, BatchGetItem takes 100. */
const chunkDeks = 50;

/** An entry for every id. Throws StoreError, KmsError and RECOVERY_PROBE_STOPPED where a Region cannot be asked. */
export async function inspectDeks(
  run: PassRun,
  dekIds: readonly string[],
  options: InspectOptions,
): Promise<ReadonlyMap<string, DekStanding>> {
  const standings = new Map<string, DekStanding>();
  const usable = dekIds.filter(isDekId);
  for (const dekId of dekIds) standings.set(dekId, { arrived: false, isNowhere: true });
  for (let from = 0; from < usable.length; from += chunkDeks) {
    const pairs = await readPairs(run, usable.slice(from, from + chunkDeks), options);
    const missing: MissingDek[] = [];
    for (const pair of pairs) {
      const profile = await profileOf(run, pair, options);
      if (!profile) {
        standings.set(pair.dekId, { arrived: false, isNowhere: !pair.home.dek && !pair.target.dek });
        continue;
      }
      const faults = await faultsOf(run, pair, profile, options);
      const owed = faults.filter(({ remedy }) => remedy === "owe");
      if (owed.length > 0) missing.push({ pair, profile, faults: owed });
      const mended = await mend(run, pair, profile, { ...options, faults });
      const isAwaited = mended && owed.length > 0 && !owed.some(isStale);
      const isOwed = mended && owed.length > 0;
      const arrived = mended && owed.length === 0;
      standings.set(pair.dekId, { profile, arrived, ...(isAwaited && { isAwaited }), ...(isOwed && { isOwed }) });
    }
    await oweDeks(run, missing, options);
  }
  return standings;
}

/** By what home says; where that is none of the pass's, by what the replica Region says: home's may have been changed. */
async function profileOf(run: PassRun, { home, target }: DekPair, options: CallOptions): Promise<Profile | undefined> {
  for (const { dek } of [home, target]) {
    const profile = dek && (await run.inScope(dek.profile, options));
    if (profile) return profile;
  }
  return undefined;
}

/** The target first: home's is never the older reading then. */
async function readPairs(run: PassRun, dekIds: readonly string[], options: CallOptions): Promise<DekPair[]> {
  const { scope, home, target } = run;
  const there = await target.stores.deks.getMany(dekIds, scope.region, options);
  const own = await home.stores.deks.getMany(dekIds, scope.home, options);
  return dekIds.map((dekId) => {
    const nothing = { dekId, unreadable: [] };
    return { dekId, home: own.get(dekId) ?? nothing, target: there.get(dekId) ?? nothing };
  });
}

async function faultsOf(
  run: PassRun,
  pair: DekPair,
  profile: Profile,
  { tally, signal, sampled = true }: InspectOptions,
): Promise<readonly DekFault[]> {
  const { scope, deps } = run;
  const { faults, doubtful } = await judgeDek(pair, profile, { scope, keys: deps.keys, signal });
  if (!doubtful && !(sampled && run.isSampled(pair.dekId))) return faults;
  const proven: DekFault[] = [];
  for (const [at, { wrap }] of [["home", pair.home] as const, ["target", pair.target] as const]) {
    // What is known to be wrong already, KMS need not be asked about.
    if (!wrap || faults.some((fault) => fault.at === at && fault.condemned)) continue;
    const proof = await run.prove(wrap, { signal });
    tally.add("probed");
    if (proof === "unproven") tally.add("unproven");
    if (proof === "damaged") proven.push({ class: "wrap-damaged", at, remedy: "repair", condemned: wrap });
  }
  const { home, target } = pair;
  if (!doubtful || proven.length > 0 || !home.wrap || !target.wrap) return [...faults, ...proven];
  // Both are sound. A replica's that says to be the later one stays: that Region may have been the home meanwhile.
  const copy = { ...home.wrap, region: scope.region };
  const isOutdated = !isCopyOf(home.wrap, target.wrap) && isStaleCopy(copy, target.wrap);
  return isOutdated ? [...faults, { class: "wrap-stale", at: "target", remedy: "owe" }] : faults;
}

interface MendOptions extends InspectOptions {
  readonly faults: readonly DekFault[];
}

/** Whether nothing is left that is wrong in the replica Region, but for what is owed. */
async function mend(run: PassRun, pair: DekPair, profile: Profile, options: MendOptions): Promise<boolean> {
  const { scope, deps } = run;
  const { dekId, home, target } = pair;
  const { faults, tally, signal } = options;
  const isObserved = deps.mode === "global";
  const report = (kind: FindingClass, region: string, repair: Repair | undefined): void => {
    const how = repair?.kind === "repaired" ? { from: repair.from } : repair ? { code: repair.code } : {};
    const outcome = repair?.kind ?? "observed";
    run.findings.add({ class: kind, outcome, region, profile: profile.name, dekId, ...how }, tally);
  };

  if (faults.some(({ remedy }) => remedy === "settle") && home.dek && target.dek) {
    const repair = isObserved ? undefined : await settleDek(run, { home: home.dek, target: target.dek }, { signal });
    const isHomes = repair?.kind === "repaired" && repair.from !== scope.home;
    report("dek-differs", isHomes ? scope.home : scope.region, repair);
    return repair?.kind === "repaired";
  }
  let isSound = true;
  // Home first: it is where the replica Region's comes from.
  for (const at of ["home", "target"] as const) {
    const here = faults.filter((fault) => fault.at === at && fault.remedy === "repair");
    if (here.length === 0) continue;
    const region = at === "home" ? scope.home : scope.region;
    const condemned = here.find((fault) => fault.condemned)?.condemned;
    const repair = isObserved ? undefined : await repairDek(run, { dekId, profile, at: region, condemned }, { signal });
    for (const fault of here) report(fault.class, region, repair);
    if (at === "target" && repair?.kind !== "repaired") isSound = false;
  }
  return isSound;
}

/** Two DEKs of one id: the one whose wrap unwraps to what it commits to takes the place of the other. */
async function settleDek(
  run: PassRun,
  { home, target }: { readonly home: StoredDek; readonly target: StoredDek },
  options: CallOptions,
): Promise<Repair> {
  const { scope } = run;
  const sides = [
    { from: scope.home, to: run.target, dek: home, replaces: target },
    { from: scope.region, to: run.home, dek: target, replaces: home },
  ];
  let code = "RECOVERY_NO_SOURCE";
  for (const { from, to, dek, replaces } of sides) {
    const why = await run.whyNotUnwrapped(from, dek, options);
    if (why !== undefined) {
      code = why;
      continue;
    }
    const copied = await to.stores.deks.putDekCopy(dek, { ...options, replaces });
    return copied === "conflict" ? { kind: "unrepaired", code: "RECOVERY_DEK_CONFLICT" } : { kind: "repaired", from };
  }
  return { kind: "unrepaired", code };
}

/** Those of the DEKs that the replica Region has by now, each with its wrap; whether they are right is not looked at. */
export async function arrivedDeks(
  { target, scope }: PassRun,
  dekIds: readonly string[],
  options: CallOptions,
): Promise<ReadonlySet<string>> {
  const there = await target.stores.deks.getMany(dekIds, scope.region, options);
  return new Set([...there].flatMap(([dekId, { dek, wrap }]) => (dek && wrap ? [dekId] : [])));
}

function isStale({ class: kind }: DekFault): boolean {
  return kind.endsWith("-stale");
}

interface MissingDek {
  readonly pair: DekPair;
  readonly profile: Profile;
  readonly faults: readonly DekFault[];
}

async function oweDeks(run: PassRun, missing: readonly MissingDek[], { tally, signal }: InspectOptions): Promise<void> {
  const { region } = run.scope;
  const byId = new Map(missing.map((one) => [one.pair.dekId, one]));
  const isOutdated = (dekId: string) => byId.get(dekId)?.faults.some(isStale) ?? false;
  const again = async ({ dekIds }: DebtIds) => {
    const there = await arrivedDeks(run, dekIds, { signal });
    return { dekIds: dekIds.filter((dekId) => isOutdated(dekId) || !there.has(dekId)), recordIds: [] };
  };
  const owed = await oweWhatIsMissing(run, { dekIds: [...byId.keys()], recordIds: [] }, { tally, signal, again });
  for (const dekId of owed.dekIds) {
    const { faults = [], profile } = byId.get(dekId) ?? {};
    for (const { class: kind } of faults) {
      run.findings.add({ class: kind, outcome: "owed", region, profile: profile?.name ?? "", dekId }, tally);
    }
  }
}
