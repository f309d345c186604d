/**
 * Work in a profile's home, begun anew where a failover moves it meanwhile. What
 * was begun may wait for a Region that does not answer for as long as its calls
 * may take, and then again; nobody waits for it any more.
 */

import type { EffectiveHome, ProfileHomes } from "@dekhand/deks";
import { waitFor } from "@dekhand/runtime";
import type { CallOptions } from "@dekhand/store";

export interface HomeFollower {
  /**
   * `work` is to begin nothing once its signal has aborted. Throws what the profile's home cannot be told for, and what
   * the work in the latest home fails with.
   */
  atHome<T>(
    profile: string,
    work: (home: EffectiveHome, isHome: AbortSignal) => Promise<T>,
    options?: CallOptions,
  ): Promise<T>;
}

export function createHomeFollower(homes: Pick<ProfileHomes, "of" | "onMove">): HomeFollower {
  // One a profile, shared by all that is under way, and replaced with every move.
  const stays = new Map<string, AbortController>();
  homes.onMove(({ profile: { name } }) => {
    const ended = stays.get(name);
    stays.delete(name);
    ended?.abort();
  });
  const stayOf = (profile: string): AbortSignal => {
    const stay = stays.get(profile) ?? new AbortController();
    stays.set(profile, stay);
    return stay.signal;
  };

  return {
    async atHome(profile, work, { signal } = {}) {
      for (;;) {
        // First: a move while the home is looked up is one, too.
        const isHome = stayOf(profile);
        const home = await homes.of(profile, { signal });
        try {
          return await waitFor(work(home, isHome), isHome);
        } catch (error) {
          if (!isHome.aborted || signal?.aborted) throw error;
        }
      }
    },
  };
}
