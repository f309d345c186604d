/** What is known of the homes before one. Pure. */

import { byEpoch, type HomeEpoch, homeEpochs, type ProfileHome } from "@dekhand/store";

/** So many are known of; what was written under an epoch that is older counts as written under the oldest of these. */
const maxEpochs = 20;

/** The home with the newest of what is known of those before it, whoever knows it. */
export function withEarlier(home: ProfileHome, known: readonly (ProfileHome | undefined)[]): ProfileHome {
  const told = [home, ...known].flatMap((one) => (one ? homeEpochs(one) : []));
  const earlier = new Map<string, HomeEpoch>();
  for (const one of told.toSorted(byEpoch)) {
    const key = `${one.epoch} ${one.region}`;
    const isBefore = one.epoch < home.epoch || (one.epoch === home.epoch && one.region !== home.region);
    // The first home has taken no other one's place, and each Region writes it down when it likes.
    if (one.epoch > 1 && isBefore && !earlier.has(key)) earlier.set(key, one);
  }
  const { profile, region, epoch, since } = home;
  const itself = { profile, region, epoch, since };
  return earlier.size === 0 ? itself : { ...itself, earlier: [...earlier.values()].slice(-maxEpochs) };
}
