export const SEGMENT_PHASES = [
  "preflight",
  "census",
  "canary",
  "rewrap",
  "retry",
  "follow",
  "verify",
  "reseal",
] as const;

/**
 * What is done to a segment:
 * - `preflight`: keys and permissions of one target are checked, with the worker's own credentials.
 * - `census`: its wraps are counted, before the campaign begins.
 * - `canary`: a few of its wraps are rewrapped and checked.
 * - `rewrap`: all of them are. `retry`: those that failed are tried again.
 * - `follow`: those that are copies of another Region's wraps are brought to what that one has by then.
 * - `verify`: its wraps are counted by strongly consistent reads, and probed.
 * - `reseal`: its records are sealed again under new DEKs.
 */
export type SegmentPhase = (typeof SEGMENT_PHASES)[number];

/** A campaign's unit of work: one parallel-scan segment of one wrap store, in one sweep. */
export interface NewSegment {
  /** 1 to 99,999, unique in the campaign. Each sweep has numbers of its own, so what an earlier one counted stays. */
  readonly number: number;
  /** From 1. */
  readonly sweep: number;
  readonly phase: SegmentPhase;
  readonly store: string;
  readonly region: string;
  /** Which of how many segments of that store, from 0. */
  readonly index: number;
  readonly of: number;
}

/** Whole numbers by name. What the names mean is the affair of who counts. */
export type SegmentCounts = Readonly<Record<string, number>>;

/**
 * A segment is `open` until a checkpoint says that it is `done`, which nothing
 * changes any more. Every claim and every checkpoint raises `seq`.
 */
export interface Segment extends NewSegment {
  readonly campaignId: string;
  readonly state: "open" | "done";
  readonly seq: number;
  /** Who claimed it last. */
  readonly owner?: string;
  /** Where to go on; absent at the start, and at the end. */
  readonly cursor?: string;
  readonly counts: SegmentCounts;
  /** ISO 8601, of the last claim or checkpoint. */
  readonly updatedAt: string;
}

/**
 * - `claimed`: whoever had it before loses its next checkpoint.
 * - `done`: there is nothing left to do.
 */
export interface SegmentClaim {
  readonly kind: "claimed" | "done";
  readonly segment: Segment;
}

export interface SegmentProgress {
  /** Absent: from the start, or done. */
  readonly cursor?: string;
  readonly counts: SegmentCounts;
  readonly done: boolean;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * - `saved`: go on with this segment, whose `seq` is the next one.
 * - `lost`: somebody else has claimed it; what they do counts.
 */
export type CheckpointOutcome = { readonly kind: "saved"; readonly segment: Segment } | { readonly kind: "lost" };
