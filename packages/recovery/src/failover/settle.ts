/** Which of two records of one id stays, where two Regions have each stored one. Pure. */

import { compareRecords, isWrittenUnknowing, type Parting, type SettledHead } from "../replicate/record-order.ts";

/**
 * - `same`: both are one sealing.
 * - `newer`: the winner takes the place of what came before it, as any newer record does.
 * - `contest`: each was written without the other being known, and the loser has to be kept.
 */
export type Settlement =
  | { readonly kind: "same" }
  | { readonly kind: "newer" | "contest"; readonly winner: "first" | "second" };

/**
 * Whoever asks, and in whichever order, the winner is the same one: the higher revision (none is below all), then the
 * higher epoch, then the one whose DEK was born later, then the higher seal id. The last two decide only between sealings of
 * one epoch: a record that was sealed again lies under a younger DEK, and must not come back under the old one.
 */
export function settle(first: SettledHead, second: SettledHead, parting: Parting = {}): Settlement {
  if (first.sealId === second.sealId) return { kind: "same" };
  const isFirst = compareRecords(first, second) > 0;
  const [won, lost] = isFirst ? [first, second] : [second, first];
  const isContest = isWrittenUnknowing(won, lost, parting);
  return { kind: isContest ? "contest" : "newer", winner: isFirst ? "first" : "second" };
}
