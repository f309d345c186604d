/**
 * Writes a profile's home into the Regions' state tables: first where it moves
 * to, which decides, then everywhere else. Each write is conditional on the epoch
 * that was read there. A Region that cannot be reached is told as that, and gets
 * it when the same move is asked for again.
 */

import type { CallOptions, ProfileHome, StateStore } from "@dekhand/store";
import { RecoveryError } from "../errors.ts";
import { withEarlier } from "./home-history.ts";
import { type AskOptions, ask, type HomeReadings } from "./read-homes.ts";

export interface MoveHomeDeps {
  readonly stateOf: (region: string) => Pick<StateStore, "getHome" | "putHome">;
}

/** Which Regions know of the home by now. */
export interface HomeSpread {
  readonly told: readonly string[];
  readonly untold: readonly { readonly region: string; readonly code: string }[];
}

/**
 * Answers with the home that the Region's own table has then: somebody else may have moved it there first. Throws
 * RECOVERY_HOME_CONTESTED where it was moved elsewhere meanwhile, StoreError where the table cannot be written, and the
 * signal's reason.
 */
export async function takeHome(
  home: ProfileHome,
  { stateOf }: MoveHomeDeps,
  options: CallOptions,
): Promise<ProfileHome> {
  const state = stateOf(home.region);
  const before = await state.getHome(home.profile, options);
  const isFree = !before || before.epoch < home.epoch;
  const next = withEarlier(home, [before]);
  if (isFree && (await state.putHome(next, { epoch: before?.epoch }, options)) === "stored") return next;
  const found = await state.getHome(home.profile, options);
  if (found?.region === home.region && found.epoch >= home.epoch) return found;
  throw contested(found ?? home);
}

/** Throws RECOVERY_HOME_CONTESTED where a Region knows of another home under the same or a higher epoch; the signal's reason. */
export async function spreadHome(
  home: ProfileHome,
  { stateOf }: MoveHomeDeps,
  { readings, ...options }: AskOptions & { readonly readings: HomeReadings },
): Promise<HomeSpread> {
  const written = [...readings].map(async ([region, reading]) => {
    // One that has just not answered would hold up each profile for as long again.
    const answer = reading.told ? await ask((call) => tell(stateOf(region), home, call), options) : reading;
    return { region, answer };
  });
  const told: string[] = [];
  const untold: { readonly region: string; readonly code: string }[] = [];
  let other: ProfileHome | undefined;
  for (const { region, answer } of await Promise.all(written)) {
    if (!answer.told) untold.push({ region, code: answer.code });
    else if (answer.value) other ??= answer.value;
    else told.push(region);
  }
  if (other) throw contested(other);
  return { told, untold };
}

/** What the Region knows instead, where that is not older; undefined: it knows of this home now. */
async function tell(
  state: Pick<StateStore, "getHome" | "putHome">,
  home: ProfileHome,
  options: CallOptions,
): Promise<ProfileHome | undefined> {
  for (;;) {
    const found = await state.getHome(home.profile, options);
    if (found && found.epoch >= home.epoch) return isSame(found, home) ? undefined : found;
    // Whoever came between has raised the epoch: this ends.
    const next = withEarlier(home, [found]);
    if ((await state.putHome(next, { epoch: found?.epoch }, options)) === "stored") return undefined;
  }
}

function isSame(found: ProfileHome, home: ProfileHome): boolean {
  return found.epoch === home.epoch && found.region === home.region;
}

function contested({ profile, region, epoch }: ProfileHome): RecoveryError {
  return new RecoveryError("RECOVERY_HOME_CONTESTED", "somebody else has moved the profile's home meanwhile", {
    context: { profile, region, epoch },
  });
}
