/** From when on a Region may have been written to by a home that another one had taken the place of. Pure. */

import type { HomeEpoch } from "@dekhand/store";

/** Clocks of several machines differ, and a loser too many is kept for nothing but its space. */
const clockMarginMs = 5 * 60_000;

/**
 * In milliseconds since 1970: what was written under that epoch from then on, a later home may not have known of. The next
 * epoch's begin, whichever home is the newest; or that of the second home under this epoch. Infinity: never, as far as is known.
 */
export function partedAtMs(epoch: number, epochs: readonly HomeEpoch[]): number {
  const [, ...rivals] = begins(epochs.filter((one) => one.epoch === epoch));
  const later = begins(epochs.filter((one) => one.epoch > epoch));
  return Math.min(...rivals, ...later) - clockMarginMs;
}

function begins(epochs: readonly HomeEpoch[]): number[] {
  return epochs.map(({ since }) => Date.parse(since)).toSorted((one, other) => one - other);
}
