/**
 * How every replica Region of every profile stands: what it is owed and since
 * when, how much of all it had at the last count, and whether the last drill
 * opened what it was to open. A Region that cannot be asked is told as that, and
 * hides no other.
 */

import { DekhandError } from "@dekhand/errors";
import { deadlineIn, type Profile, sleep } from "@dekhand/runtime";
import type { CallOptions, DebtStatus, DrillResult } from "@dekhand/store";
import type { ReconcileSummary } from "../reconcile/reconcile-types.ts";
import { readSummary } from "../reconcile/summary.ts";
import type { ReplicaDebt, ReplicaStatus, ReplicaStatusDeps, ReplicaStatusOptions, Told } from "./status-types.ts";

const defaultDeadlineMs = 5_000;

/** In the configuration's order. Throws the signal's reason, and what reading the profiles' homes fails with. */
export async function readReplicaStatus(
  deps: ReplicaStatusDeps,
  options: ReplicaStatusOptions = {},
): Promise<readonly ReplicaStatus[]> {
  const { signal, deadlineMs = defaultDeadlineMs } = options;
  const homes = await Promise.all(Object.keys(deps.profiles).map((name) => deps.homes.of(name, { signal })));
  const ask = asker({ signal, deadlineMs });
  const pairs = createPairs(deps, ask, options);
  const drills = memoized((region: string) => newestDrill(deps, region, ask));
  const all = homes.flatMap(({ profile, epoch }) =>
    Object.values(profile.replicas).map(async ({ region, strategy, recoveryPointMs }): Promise<ReplicaStatus> => {
      const { debt, reconciled } = await pairs(profile.home, region);
      return {
        ...{ profile: profile.name, home: profile.home, epoch, region, strategy, recoveryPointMs },
        debt,
        coverage: coverageOf(profile, reconciled),
        reconciled,
        breaker: deps.breakerOf(region),
        lastDrill: await drills(region),
        alarm: debt.told ? debt.value.lagMs > recoveryPointMs : "unknown",
      };
    }),
  );
  return Promise.all(all);
}

interface Pair {
  readonly debt: Told<ReplicaDebt>;
  readonly reconciled: Told<ReconcileSummary | undefined>;
}

type Ask = <T>(question: (options: CallOptions) => Promise<T>) => Promise<Told<T>>;

function asker({ signal, deadlineMs }: CallOptions & { readonly deadlineMs: number }): Ask {
  return async (question) => {
    using limit = deadlineIn(deadlineMs, signal);
    try {
      return { told: true, value: await question({ signal: limit.signal }) };
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof DekhandError)) throw error;
      return { told: false, code: error.code };
    }
  };
}

/** Profiles that share home and Region share their debt. */
function createPairs(
  { stateOf }: ReplicaStatusDeps,
  ask: Ask,
  { signal, rateOverMs }: ReplicaStatusOptions,
): (home: string, region: string) => Promise<Pair> {
  const look = (home: string, region: string) => ask((options) => stateOf(home).debtStatus(region, options));
  const read = async (home: string, region: string): Promise<Pair> => {
    const scope = { home, region };
    const [first, reconciled] = await Promise.all([
      look(home, region),
      ask((options) => readSummary(stateOf(home), scope, options)),
    ]);
    if (rateOverMs === undefined || !first.told) return { debt: withLag(first), reconciled };
    await sleep(rateOverMs, { signal });
    const second = await look(home, region);
    return { debt: withRate(first.value, second), reconciled };
  };
  const pairs = memoized((key: string) => {
    const [home = "", region = ""] = key.split(" ");
    return read(home, region);
  });
  return (home, region) => pairs(`${home} ${region}`);
}

function withLag(debt: Told<DebtStatus>): Told<ReplicaDebt> {
  if (!debt.told) return debt;
  const { region: _, ...status } = debt.value;
  const { asOf, oldestAt } = status;
  const lagMs = oldestAt === undefined ? 0 : Math.max(0, Date.parse(asOf) - Date.parse(oldestAt));
  return { told: true, value: { ...status, lagMs } };
}

function withRate(first: DebtStatus, second: Told<DebtStatus>): Told<ReplicaDebt> {
  const debt = withLag(second);
  if (!debt.told || first.atLeast || debt.value.atLeast) return debt;
  const seconds = (Date.parse(debt.value.asOf) - Date.parse(first.asOf)) / 1_000;
  if (seconds <= 0) return debt;
  return { told: true, value: { ...debt.value, fallsBy: (first.records - debt.value.records) / seconds } };
}

function coverageOf({ name }: Profile, reconciled: Told<ReconcileSummary | undefined>): ReplicaStatus["coverage"] {
  if (!reconciled.told) return reconciled;
  const { value } = reconciled;
  if (!value) return { told: true, value: undefined };
  const none = { deks: 0, deksArrived: 0, records: 0, recordsArrived: 0 };
  const counted = Object.hasOwn(value.coverage, name) ? value.coverage[name] : undefined;
  return { told: true, value: { ...(counted ?? none), asOf: value.startedAt } };
}

/** Drills are written to both, where both can be reached. */
async function newestDrill(
  { stateOf, control }: ReplicaStatusDeps,
  region: string,
  ask: Ask,
): Promise<Told<DrillResult | undefined>> {
  const places = [...new Set([region, control])];
  const told = await Promise.all(places.map((place) => ask((options) => stateOf(place).lastDrill(region, options))));
  const drills = told.flatMap((one) => (one.told && one.value ? [one.value] : []));
  const [newest] = drills.toSorted((one, other) => (one.id < other.id ? 1 : -1));
  const silent = told.find((one) => !one.told);
  return newest === undefined && silent ? silent : { told: true, value: newest };
}

function memoized<T>(read: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (key) => {
    const answer = known.get(key) ?? read(key);
    known.set(key, answer);
    return answer;
  };
}
