/**
 * Makes a Region the home of profiles, with the old home unreachable: of all
 * Regions, only this one has to answer. What is written here is which Region is
 * the home, and under which epoch; services follow by themselves within seconds.
 *
 * A home that cannot be reached cannot be stopped: it may go on writing until it
 * hears of this. What both have written then, a failback settles.
 */

import { describeError } from "@dekhand/errors";
import { systemClock } from "@dekhand/runtime";
import { type AuditEntry, newEntryId, type ProfileHome } from "@dekhand/store";
import type {
  FailoverDeps,
  FailoverPlan,
  FailoverResult,
  MovedHome,
  MoveWords,
  PlannedMove,
} from "./failover-types.ts";
import { withEarlier } from "./home-history.ts";
import { type HomeSpread, spreadHome, takeHome } from "./move-home.ts";
import { refusalsOf, refused } from "./plan-failover.ts";
import { type AskOptions, ask, type HomeReadings } from "./read-homes.ts";

/**
 * Profile by profile; one that fails stops no other. Running it again tells the Regions that could not be reached before.
 * Throws RECOVERY_REFUSED, and the signal's reason.
 */
export async function failover(
  plan: FailoverPlan,
  words: MoveWords,
  deps: FailoverDeps,
  options: AskOptions = {},
): Promise<FailoverResult> {
  const [refusal] = refusalsOf(plan, words);
  if (refusal !== undefined) throw refused(refusal);
  const moved: MovedHome[] = [];
  const there: MovedHome[] = [];
  const failed: { readonly profile: string; readonly code: string }[] = [];
  const each = async (profile: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      options.signal?.throwIfAborted();
      const { code } = describeError(error);
      deps.logger.error({ err: error, profile, to: plan.to }, "a profile's home could not be moved");
      failed.push({ profile, code });
    }
  };
  for (const move of plan.moves) {
    const order: MoveOrder = { ...move, to: plan.to, act: "failover", words, facts: factsOf(plan, move) };
    await each(move.profile, async () => {
      moved.push(await moveHome(order, { ...deps, readings: plan.readings }, options));
    });
  }
  for (const home of plan.there) {
    await each(home.profile, async () => {
      const spread = await spreadHome(home, stateDeps(deps), { ...options, readings: plan.readings });
      there.push({ profile: home.profile, from: home.region, to: home.region, epoch: home.epoch, ...spread });
    });
  }
  return { moved, there, failed };
}

export interface MoveOrder extends Pick<PlannedMove, "profile" | "from" | "epoch"> {
  readonly to: string;
  readonly act: "failover" | "failback";
  readonly words: MoveWords;
  /** For the record of it. */
  readonly facts: Readonly<Record<string, string>>;
}

/**
 * Moves one profile's home, and records it: before in the Region itself, afterwards in all that answer. Throws
 * RECOVERY_HOME_CONTESTED, StoreError, and the signal's reason.
 */
export async function moveHome(
  { profile, from, to, epoch, act, words, facts }: MoveOrder,
  { readings, ...deps }: FailoverDeps & { readonly readings: HomeReadings },
  options: AskOptions,
): Promise<MovedHome> {
  const { logger, clock = systemClock, regionOf } = deps;
  const at = new Date(clock.now()).toISOString();
  const { actor } = words;
  const told = { profile, from, to, epoch: String(epoch), ...wordsOf(words), ...facts };
  const entry: AuditEntry = { id: newEntryId(), at, actor, act, facts: { ...told, outcome: "begun" } };
  const record = (facts: Readonly<Record<string, string>>, regions: readonly string[]) =>
    recordMove({ ...entry, facts: { ...told, ...facts } }, regions, { ...options, regionOf });
  await regionOf(to).stores.state.putAudit(entry, { signal: options.signal });
  try {
    const known = [...readings.values()].map((one) => (one.told ? one.value.get(profile) : undefined));
    const next = withEarlier({ profile, region: to, epoch, since: at }, known);
    const home = await takeHome(next, stateDeps(deps), { signal: options.signal });
    const spread = await spreadHome(home, stateDeps(deps), { ...options, readings });
    await record({ ...spreadFacts(home, spread), outcome: "done" }, spread.told);
    logger.warn({ ...told, epoch: home.epoch, actor, ...spread }, `${act}: the profile's home was moved`);
    return { profile, from, to, epoch: home.epoch, ...spread };
  } catch (error) {
    options.signal?.throwIfAborted();
    await record({ outcome: describeError(error).code }, [to]);
    throw error;
  }
}

async function recordMove(
  entry: AuditEntry,
  regions: readonly string[],
  { regionOf, ...options }: AskOptions & Pick<FailoverDeps, "regionOf">,
): Promise<void> {
  await Promise.all(
    regions.map((region) => ask((call) => regionOf(region).stores.state.putAudit(entry, call), options)),
  );
}

export function stateDeps({ regionOf }: Pick<FailoverDeps, "regionOf">) {
  return { stateOf: (region: string) => regionOf(region).stores.state };
}

function wordsOf({ reason, force, oldHomeStopped }: MoveWords): Readonly<Record<string, string>> {
  return {
    ...(reason === undefined ? {} : { reason }),
    ...(force ? { force: "yes" } : {}),
    ...(oldHomeStopped === undefined ? {} : { oldHomeStopped }),
  };
}

function spreadFacts({ epoch }: ProfileHome, { told, untold }: HomeSpread): Readonly<Record<string, string>> {
  const silent = untold.map(({ region, code }) => `${region} (${code})`).join(", ");
  return { epoch: String(epoch), told: told.join(", "), ...(silent === "" ? {} : { untold: silent }) };
}

function factsOf({ debts, mode }: FailoverPlan, { from, fromAnswers }: PlannedMove): Readonly<Record<string, string>> {
  const debt = debts.find(({ home }) => home === from)?.debt;
  const owed = debt ? `${debt.atLeast ? "at least " : ""}${debt.records} records, as of ${debt.asOf}` : "not known";
  return { tables: mode, oldHome: fromAnswers ? "answers" : "does not answer", debt: owed };
}
