/**
 * Where each profile's DEKs and records are made by now: the configured home, or
 * the Region that a failover has taken it to, and under which epoch.
 *
 * The state tables of the process's own control Region say so. A profile is read
 * on its first use and again every few seconds; while the tables cannot be read,
 * what was known serves on.
 */

import {
  type Clock,
  deadlineIn,
  type Logger,
  type Profile,
  profileAt,
  rateLimited,
  sleep,
  systemClock,
  waitFor,
} from "@dekhand/runtime";
import { type CallOptions, type HomeEpoch, homeEpochs, type StateStore, StoreError } from "@dekhand/store";
import { DeksError } from "./errors.ts";
import { profileIn, regionUnknown } from "./key-directory.ts";
import { createSingleFlight } from "./single-flight.ts";

export interface ProfileHomesDeps {
  readonly profiles: Readonly<Record<string, Profile>>;
  /** Of the process's control Region. */
  readonly state: Pick<StateStore, "getOrCreateHome">;
  readonly logger: Logger;
  /** Between two readings, in milliseconds. Default 5,000. */
  readonly refreshMs?: number;
  readonly clock?: Pick<Clock, "monotonic">;
}

export interface EffectiveHome {
  /** The profile as it is with its home there. */
  readonly profile: Profile;
  /** Starts at 1; raised by each failover. */
  readonly epoch: number;
  /** When this home and those before began, the oldest first; absent: not known. */
  readonly epochs?: readonly HomeEpoch[];
}

export interface ProfileHomes {
  /**
   * From memory after the first use. Throws DEKS_PROFILE_UNKNOWN; at the first use also DEKS_REGION_UNKNOWN for a home that
   * this configuration does not know, DEKS_HOME_UNREADABLE, StoreError and RUNTIME_DEADLINE_EXCEEDED: all of these
   * retryable.
   */
  of(profile: string, options?: CallOptions): Promise<EffectiveHome>;
  /** Calls back when a profile's home or epoch has become another. Returns the way to stop. */
  onMove(listener: (home: EffectiveHome) => void): () => void;
  /** Ends the readings. What is known by then is still told. */
  close(): void;
}

interface Known extends EffectiveHome {
  readonly checkedAt: number;
}

/** How long one reading may take, in milliseconds. */
const readingMs = 5_000;

export function createProfileHomes(deps: ProfileHomesDeps): ProfileHomes {
  const { profiles, state, refreshMs = 5_000, clock = systemClock } = deps;
  const known = new Map<string, Known>();
  const reads = createSingleFlight<Known>();
  const warnings = rateLimited(deps.logger, { everyMs: 60_000 });
  const listeners = new Set<(home: EffectiveHome) => void>();
  const stopped = new AbortController();
  // A reading that is so late is not coming any more: the process stood still.
  const lateMs = refreshMs + 2 * readingMs;
  let watching = false;

  const read = (name: string) =>
    reads.run(name, async () => {
      using limit = deadlineIn(readingMs, stopped.signal);
      const before = known.get(name);
      try {
        const now = await readHome(profileIn(profiles, name), limit.signal);
        known.set(name, now);
        if (before && (before.epoch !== now.epoch || before.profile.home !== now.profile.home)) moved(before, now);
        return now;
      } catch (error) {
        if (!before) throw error;
        if (!stopped.signal.aborted) {
          warnings.log(
            "warn",
            name,
            { err: error, profile: name },
            "a profile's home cannot be read; it stays where it was",
          );
        }
        const kept = { ...before, checkedAt: clock.monotonic() };
        known.set(name, kept);
        return kept;
      }
    });

  const readHome = async (profile: Profile, signal: AbortSignal): Promise<Known> => {
    const home = await waitFor(stored(profile, signal), signal);
    const { region, epoch } = home;
    const there = profileAt(profile, region);
    if (!there) throw regionUnknown(profile.name, region);
    return { profile: there, epoch, epochs: homeEpochs(home), checkedAt: clock.monotonic() };
  };

  const stored = async ({ name, home }: Profile, signal: AbortSignal) => {
    try {
      return await state.getOrCreateHome(name, home, { signal });
    } catch (error) {
      if (!(error instanceof StoreError) || error.retryable) throw error;
      // What somebody did to that item must not cost a single job.
      const message = "what the state table says of the profile's home cannot be read";
      throw new DeksError("DEKS_HOME_UNREADABLE", message, {
        retryable: true,
        cause: error,
        context: { profile: name },
      });
    }
  };

  const moved = (from: EffectiveHome, to: EffectiveHome) => {
    const { name, home } = to.profile;
    const fields = { profile: name, from: from.profile.home, to: home, epoch: to.epoch };
    deps.logger.warn(fields, "the profile's home is another Region now");
    for (const listener of listeners) listener(to);
  };

  const keepReading = async () => {
    while (!stopped.signal.aborted) {
      await sleep(refreshMs, { signal: stopped.signal }).catch(() => undefined);
      if (!stopped.signal.aborted) await Promise.allSettled([...known.keys()].map(read));
    }
  };

  return {
    async of(name, { signal } = {}) {
      signal?.throwIfAborted();
      const home = known.get(name);
      const isLate = home && clock.monotonic() - home.checkedAt > lateMs;
      if (home && (!isLate || stopped.signal.aborted)) return home;
      const found = await waitFor(read(name), signal);
      if (!watching) {
        watching = true;
        void keepReading();
      }
      return found;
    },
    onMove(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => stopped.abort(new DeksError("DEKS_CLOSED", "profiles' homes are no longer read")),
  };
}
