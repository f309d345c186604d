/**
 * Where profiles' homes are, as each Region's state table says. A Region that
 * cannot be asked in time is told as that, and holds up no other; one table may
 * lag behind another, and the highest epoch counts.
 */

import { DekhandError } from "@dekhand/errors";
import { deadlineIn, type Profile } from "@dekhand/runtime";
import type { CallOptions, HomeEpoch, ProfileHome, StateStore } from "@dekhand/store";
import type { Told } from "../status/status-types.ts";
import { withEarlier } from "./home-history.ts";

export interface HomesDeps {
  readonly stateOf: (region: string) => Pick<StateStore, "listHomes">;
}

export interface AskOptions extends CallOptions {
  /** How long each Region has to answer, in milliseconds. Default 5,000. */
  readonly deadlineMs?: number;
}

/** What one Region's table says, by profile. */
export type HomesTold = Told<ReadonlyMap<string, ProfileHome>>;
export type HomeReadings = ReadonlyMap<string, HomesTold>;

export interface KnownHome {
  readonly region: string;
  readonly epoch: number;
  /** ISO 8601; absent where no table says anything, and the configuration counts. */
  readonly since?: string;
  /** All homes before it that any Region knows: see `ProfileHome`. */
  readonly earlier?: readonly HomeEpoch[];
  /** Regions that cannot be asked may know better. */
  readonly isCertain: boolean;
  /** Two Regions name different homes under the same epoch: two operators have moved it at once. */
  readonly isContested: boolean;
}

const defaultDeadlineMs = 5_000;

/** Throws the signal's reason. */
export async function readHomes(
  regions: readonly string[],
  { stateOf }: HomesDeps,
  options: AskOptions = {},
): Promise<HomeReadings> {
  const told = regions.map(async (region): Promise<readonly [string, HomesTold]> => {
    const answer = await ask((call) => stateOf(region).listHomes(call), options);
    if (!answer.told) return [region, answer];
    return [region, { told: true, value: new Map(answer.value.map((home) => [home.profile, home])) }];
  });
  return new Map(await Promise.all(told));
}

/** The home of the highest epoch that any Region knows; the configured one where none knows any. */
export function knownHome(profile: Profile, readings: HomeReadings): KnownHome {
  const told = [...readings.values()];
  const homes = told.flatMap((one) => (one.told ? (one.value.get(profile.name) ?? []) : []));
  const isCertain = told.every((one) => one.told);
  const newest = newestHome(homes);
  if (!newest) return { region: profile.home, epoch: 1, isCertain, isContested: false };
  const { home, isContested } = newest;
  const { region, epoch, since, earlier } = withEarlier(home, homes);
  return { region, epoch, since, ...(earlier === undefined ? {} : { earlier }), isCertain, isContested };
}

/** Of what several tables say of one profile: the home of the highest epoch, and whether they name another one under that. */
export function newestHome(
  homes: readonly ProfileHome[],
): { readonly home: ProfileHome; readonly isContested: boolean } | undefined {
  const epoch = Math.max(...homes.map((home) => home.epoch));
  const [home, ...rest] = homes.filter((one) => one.epoch === epoch);
  return home && { home, isContested: rest.some(({ region }) => region !== home.region) };
}

/** Throws the signal's reason, and what is no DekhandError. */
export async function ask<T>(
  question: (options: CallOptions) => Promise<T>,
  { signal, deadlineMs = defaultDeadlineMs }: AskOptions,
): Promise<Told<T>> {
  using limit = deadlineIn(deadlineMs, signal);
  try {
    return { told: true, value: await question({ signal: limit.signal }) };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof DekhandError)) throw error;
    return { told: false, code: error.code };
  }
}
