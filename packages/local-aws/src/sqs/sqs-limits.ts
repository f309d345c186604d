/** Limits that tests may want smaller; as SQS has them otherwise. */
export interface SqsLimits {
  /** Messages in flight in one queue: beyond it short polls get OverLimit and long polls nothing. */
  readonly inFlightMessages: number;
  /** How long the name of a deleted queue cannot be taken again. */
  readonly recreateAfterMs: number;
  /** How long after a purge the next one is refused. */
  readonly purgeEveryMs: number;
}

export const DEFAULT_LIMITS: SqsLimits = {
  inFlightMessages: 120_000,
  recreateAfterMs: 60_000,
  purgeEveryMs: 60_000,
};
