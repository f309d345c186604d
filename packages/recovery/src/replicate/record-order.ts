/** Two records of one id: which is the later one, and whether who wrote that one may not have known the other. Pure. */

import type { HomeEpoch, RecordHead, StoredDek } from "@dekhand/store";
import { partedAtMs } from "./parting.ts";

export type SettledHead = Pick<RecordHead, "jobId" | "dekId" | "sealId" | "epoch" | "revision" | "createdAt">;

/** What is known of the homes that the two were written in. */
export interface Parting {
  /**
   * Since when another home may have written beside that of the lower epoch, in milliseconds since 1970: what is older may
   * have been known to whoever replaced it by a higher revision. Default: never.
   */
  readonly partedAtMs?: number;
  /** The two DEKs were made in different Regions as homes. Default: no. */
  readonly isByTwoHomes?: boolean;
}

/** A record and its DEK, as far as that can be had. */
export interface Sealed {
  readonly head: SettledHead;
  readonly dek: Pick<StoredDek, "home"> | undefined;
}

/** `epochs`: of the records' profile. */
export function partingOf(one: Sealed, other: Sealed, epochs: readonly HomeEpoch[]): Required<Parting> {
  return {
    partedAtMs: partedAtMs(Math.min(one.head.epoch, other.head.epoch), epochs),
    isByTwoHomes: one.dek !== undefined && other.dek !== undefined && one.dek.home !== other.dek.home,
  };
}

/** Above 0 where `one` is the later. See `settle` for the rule. */
export function compareRecords(one: SettledHead, other: SettledHead): number {
  // A DEK's id is a UUIDv7: it begins with the time when it was made.
  return (
    compareRevisions(one, other) ||
    one.epoch - other.epoch ||
    order(one.dekId, other.dekId) ||
    order(one.sealId, other.sealId)
  );
}

/** Above 0 where that of `one` is higher. A record without a revision is below every one with. */
export function compareRevisions(one: Pick<RecordHead, "revision">, other: Pick<RecordHead, "revision">): number {
  return (one.revision ?? -1) - (other.revision ?? -1);
}

/** Whether the loser is more than what the winner was to replace, or the same job's. */
export function isWrittenUnknowing(
  won: SettledHead,
  lost: SettledHead,
  { partedAtMs: since = Number.POSITIVE_INFINITY, isByTwoHomes = false }: Parting,
): boolean {
  const isSameRevision = compareRevisions(won, lost) === 0;
  // The same job again is a success without effect, also where another home did it first.
  if (isSameRevision && won.jobId === lost.jobId) return false;
  if (isSameRevision || won.epoch < lost.epoch) return true;
  // Two homes under one epoch have never heard of each other.
  if (won.epoch === lost.epoch) return isByTwoHomes;
  return Date.parse(lost.createdAt) >= since;
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
