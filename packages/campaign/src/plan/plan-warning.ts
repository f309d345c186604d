/**
 * - `KEY_NOT_ENABLED`, `KEY_PENDING_DELETION`, `KEY_NOT_SYMMETRIC`: preflight refuses the campaign.
 * - `KEY_MATERIAL_EXPIRES`: imported material is deleted at a time that is set, and nothing under it opens from then on.
 * - `KEY_IN_CUSTOM_STORE`: the quota of its key store is far below that of the account.
 * - `ROTATIONS_NEARLY_USED`: few on-demand rotations of the key are left.
 * - `STORE_WITHOUT_KEY_LABEL`: a store of others whose wraps do not say their key.
 * - `WRAPS_WITHOUT_MATERIAL`: current by time or by campaign only.
 * - `WRAPS_MALFORMED`: each becomes a failure.
 * - `WRAPS_LEFT_ALONE`: under keys that the campaign does not concern.
 * - `QUOTA_LOWER_IN_REGION`: a Region allows less than another.
 * - `LONGER_THAN_A_DAY`, `NOTHING_TO_REWRAP`: as they say.
 */
export type PlanWarningCode =
  | "KEY_NOT_ENABLED"
  | "KEY_PENDING_DELETION"
  | "KEY_NOT_SYMMETRIC"
  | "KEY_MATERIAL_EXPIRES"
  | "KEY_IN_CUSTOM_STORE"
  | "ROTATIONS_NEARLY_USED"
  | "STORE_WITHOUT_KEY_LABEL"
  | "WRAPS_WITHOUT_MATERIAL"
  | "WRAPS_MALFORMED"
  | "WRAPS_LEFT_ALONE"
  | "QUOTA_LOWER_IN_REGION"
  | "LONGER_THAN_A_DAY"
  | "NOTHING_TO_REWRAP";

export interface PlanWarning {
  readonly code: PlanWarningCode;
  /** In words, for an operator. */
  readonly message: string;
}

/** `1 wrap`, `2,000 wraps`. */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;
}
