import type { KmsPriority } from "./kms-call.ts";

export interface CallOptions {
  /** Ends the call at once, also while it waits between attempts. */
  readonly signal?: AbortSignal | undefined;
  /** From now, over all attempts. Default 10,000 ms. */
  readonly deadlineMs?: number | undefined;
  /** Who goes first where calls wait for the share. Default `interactive`. */
  readonly priority?: KmsPriority | undefined;
}

/** Goes to KMS as it is: exact, case-sensitive, visible in CloudTrail. */
export type KmsContext = Readonly<Record<string, string>>;
