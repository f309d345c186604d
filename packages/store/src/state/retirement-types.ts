import type { CallOptions } from "../dynamodb/call-options.ts";

/** How far the retirement of a KMS key has come. Times are ISO 8601. */
export interface Retirement {
  readonly keyArn: string;
  /** Counts the writes, from 1. */
  readonly version: number;
  readonly startedAt: string;
  readonly startedBy: string;
  /** For how long backups are kept that may hold wraps under the key, in days. */
  readonly backupsDays: number;
  /** Until when the key stays enabled, unused, before it may be disabled. */
  readonly soakUntil: string;
  /** When every wrap of every store was last probed, and none was under the key. */
  readonly emptyAt?: string;
  readonly disabledAt?: string;
  /** When KMS will delete it. */
  readonly deletionAt?: string;
  /** What was done, the oldest first: the newest 50, each text cut at 500 characters. */
  readonly notes: readonly RetirementNote[];
}

export interface RetirementNote {
  readonly at: string;
  readonly actor: string;
  readonly what: string;
}

/** In the control Region. */
export interface RetirementStore {
  /** Strongly consistent. */
  getRetirement(keyArn: string, options?: CallOptions): Promise<Retirement | undefined>;
  /**
   * Writes `next` in place of the retirement that was read, or as the first one where none was (`version: undefined`).
   * Answers what is stored now, its version included. Repeating it is safe. Throws STORE_RETIREMENT_CHANGED where
   * somebody else's write came between.
   */
  putRetirement(
    next: Omit<Retirement, "version">,
    before: { readonly version: number | undefined },
    options?: CallOptions,
  ): Promise<Retirement>;
  /** By key ARN. Throws STORE_ITEM_MALFORMED when one cannot be read. */
  listRetirements(options?: CallOptions): Promise<readonly Retirement[]>;
}
