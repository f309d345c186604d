/** The replicate job, version 1: ids only. docs/job-contracts.md describes every field. */

/** A wake-up to bring DEKs and records into one replica Region. Where nobody takes it, the debt remains. */
export interface ReplicateJob {
  readonly version: 1;
  readonly kind: "replicate";
  readonly id: string;
  /** The replica Region. */
  readonly region: string;
  /** The debt item that is paid by it: UUIDv7, canonical lower-case text. */
  readonly debtId?: string | undefined;
  /** UUIDv7s, at most 100. */
  readonly dekIds: readonly string[];
  /** At most 100. */
  readonly recordIds: readonly string[];
}

/** What a producer hands in. `id` is the debt's where it is left out, and a random UUID where there is none. */
export interface ReplicateJobInput {
  readonly id?: string;
  readonly region: string;
  readonly debtId?: string;
  readonly dekIds: readonly string[];
  readonly recordIds: readonly string[];
}

/** Limits of the contract. */
export const REPLICATE_JOB_LIMITS = {
  dekIds: 100,
  recordIds: 100,
} as const;
