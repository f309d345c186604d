import { DekhandError } from "@dekhand/errors";

/**
 * - `RECOVERY_CONTENDED`: a copy's place kept changing while it was being written. Retryable.
 * - `RECOVERY_NOT_ARRIVED`: what global tables carry was not there in time. Retryable: it may come yet.
 * - `RECOVERY_WRITTEN_TWICE`: home and replica have each stored a record of that id; a failback settles which one stays.
 * - `RECOVERY_DEK_MISSING`: home lacks the DEK, or its own wrap of it, that a record needs.
 * - `RECOVERY_DEK_CONFLICT`: the replica Region has another DEK of that id.
 * - `RECOVERY_PROBE_STOPPED`: KMS cannot be asked about a Region's wraps for now; the context says why. Retryable.
 * - `RECOVERY_RECORD_GONE`: a record that a drill had drawn was no longer there when it was to be opened.
 * - `RECOVERY_NO_SOURCE`: no other Region of the profile can be asked for what is to be repaired.
 * - `RECOVERY_REFUSED`: a failover or failback is not begun as things stand; the message says why.
 * - `RECOVERY_HOME_CONTESTED`: somebody else has moved a profile's home at the same time, to another Region.
 * - `RECOVERY_FAILBACK_ELSEWHERE`: somebody else is settling these two Regions. Retryable.
 */
export const RECOVERY_ERROR_CODES = [
  "RECOVERY_CONTENDED",
  "RECOVERY_NOT_ARRIVED",
  "RECOVERY_WRITTEN_TWICE",
  "RECOVERY_DEK_MISSING",
  "RECOVERY_DEK_CONFLICT",
  "RECOVERY_PROBE_STOPPED",
  "RECOVERY_NO_SOURCE",
  "RECOVERY_RECORD_GONE",
  "RECOVERY_REFUSED",
  "RECOVERY_HOME_CONTESTED",
  "RECOVERY_FAILBACK_ELSEWHERE",
] as const;

export type RecoveryErrorCode = (typeof RECOVERY_ERROR_CODES)[number];

export class RecoveryError extends DekhandError<RecoveryErrorCode> {}
