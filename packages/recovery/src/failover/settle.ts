/** Which of two records of one id stays, where two Regions have each stored one. Pure. */

import type { RecordHead } from "@dekhand/store";

export type SettledHead = Pick<RecordHead, "jobId" | "dekId" | "sealId" | "epoch" | "revision" | "createdAt">;

/**
 * - `same`: both are one sealing.
 * - `newer`: the winner takes the place of what came before it, as any newer record does.
 * - `contest`: each was written without the other being known, and the loser has to be kept.
 */
export type Settlement =
  | { readonly kind: "same" }
  | { readonly kind: "newer" | "contest"; readonly winner: "first" | "second" };

export interface SettleOptions {
  /**
   * Since when another home may have written beside that of the lower epoch, in milliseconds since 1970: what is older may
   * have been known to whoever replaced it by a higher revision. Default: never.
   */
  readonly partedAtMs?: number;
  /** The two DEKs were made in different Regions as homes. Default: no. */
  readonly isByTwoHomes?: boolean;
}

/**
 * Whoever asks, and in whichever order, the winner is the same one: the higher revision (none is below all), then the
 * higher epoch, then the one whose DEK was born later, then the higher seal id. The last two decide only between sealings of
 * one epoch: a record that was sealed again lies under a younger DEK, and must not come back under the old one.
 */
export function settle(first: SettledHead, second: SettledHead, options: SettleOptions = {}): Settlement {
  if (first.sealId === second.sealId) return { kind: "same" };
  const isFirst = compare(first, second) > 0;
  const [won, lost] = isFirst ? [first, second] : [second, first];
  const isContest = isWrittenUnknowing(won, lost, options);
  return { kind: isContest ? "contest" : "newer", winner: isFirst ? "first" : "second" };
}

function compare(one: SettledHead, other: SettledHead): number {
  // A DEK's id is a UUIDv7: it begins with the time when it was made.
  return (
    rank(one) - rank(other) ||
    one.epoch - other.epoch ||
    order(one.dekId, other.dekId) ||
    order(one.sealId, other.sealId)
  );
}

/** Whether the loser is more than what the winner was to replace, or the same job's. */
function isWrittenUnknowing(
  won: SettledHead,
  lost: SettledHead,
  { partedAtMs = Number.POSITIVE_INFINITY, isByTwoHomes = false }: SettleOptions,
): boolean {
  // The same job again is a success without effect, also where another home did it first.
  if (won.jobId === lost.jobId && rank(won) === rank(lost)) return false;
  if (rank(won) === rank(lost) || won.epoch < lost.epoch) return true;
  // Two homes under one epoch have never heard of each other.
  if (won.epoch === lost.epoch) return isByTwoHomes;
  return Date.parse(lost.createdAt) >= partedAtMs;
}

/** A record without a revision is below every one with. */
function rank({ revision = -1 }: SettledHead): number {
  return revision;
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
