/** Which keys have wraps made under them: where a rotation leaves something to be rewrapped. */

import type { Profile } from "@dekhand/runtime";

/** The key of one profile in one of its Regions. */
export interface WatchedKey {
  readonly profile: string;
  readonly region: string;
  /** As it is configured there. */
  readonly key: string;
}

/**
 * The profile's key in its home, and those of replica Regions with keys of their own. Where wraps are copied, the key is
 * related to the home's and rotates with it. `profile` is as it is with its home where that is now.
 */
export function watchedKeys({ name, home, key, replicas }: Profile): readonly WatchedKey[] {
  const own = Object.values(replicas).filter(({ strategy }) => strategy !== "multi-region");
  return [{ region: home, key }, ...own].map((one) => ({ profile: name, region: one.region, key: one.key }));
}

/** In a map; names of profiles and Regions have no spaces. */
export function watchedName({ profile, region }: WatchedKey): string {
  return `${profile} ${region}`;
}
