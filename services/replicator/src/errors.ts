import { DekhandError } from "@dekhand/errors";

/**
 * Reasons of this service for rejecting a job or handing it back. docs/errors.md lists them.
 *
 * - `REPLICATOR_INTERNAL`: a fault of the service's own.
 * - `REPLICATOR_REGION_UNKNOWN`: the job is for a Region that this process does not copy to.
 * - `REPLICATOR_UNPAID`: part of it could not be copied for now. Retryable.
 */
export const REPLICATOR_ERROR_CODES = [
  "REPLICATOR_INTERNAL",
  "REPLICATOR_REGION_UNKNOWN",
  "REPLICATOR_UNPAID",
] as const;

export type ReplicatorErrorCode = (typeof REPLICATOR_ERROR_CODES)[number];

export class ReplicatorError extends DekhandError<ReplicatorErrorCode> {}
