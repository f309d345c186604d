/** The rewrap job, version 1: ids only. docs/job-contracts.md describes every field. */

/** One DEK's wrap in one Region, or a segment of a campaign. */
export type RewrapJob = RewrapDekJob | RewrapSegmentJob;

interface RewrapJobBase {
  readonly version: 1;
  readonly kind: "rewrap";
  readonly id: string;
}

/** Brings one wrap under its profile's current key and that key's current material. */
export interface RewrapDekJob extends RewrapJobBase {
  /** UUIDv7, canonical lower-case text. */
  readonly dekId: string;
  readonly region: string;
}

/** A wake-up for one segment of a campaign; what is to be done stands in the campaigns table. */
export interface RewrapSegmentJob extends RewrapJobBase {
  readonly campaignId: string;
  /** Counted from 1, as in the campaigns table. */
  readonly segment: number;
}

/** What a producer hands in. `id` is a random UUID where it is left out. */
export type RewrapJobInput =
  | { readonly id?: string; readonly dekId: string; readonly region: string }
  | { readonly id?: string; readonly campaignId: string; readonly segment: number };

/** Limits of the contract. */
export const REWRAP_JOB_LIMITS = {
  campaignIdLength: 64,
  /** The highest number of a segment. */
  segment: 99_999,
} as const;
