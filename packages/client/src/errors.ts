import { DekhandError } from "@dekhand/errors";

/**
 * - `CLIENT_RECORD_NOT_FOUND`: no such record in any Region that the client may read in.
 * - `CLIENT_CONTEXT_MISMATCH`: the record has another context than the reader expects; no KMS call was made.
 * - `CLIENT_REGION_UNKNOWN`: a Region to read in is none of a profile's, or a list of such Regions is empty.
 * - `CLIENT_REGION_TIMEOUT`: a Region did not answer within the time that one Region has. Retryable.
 * - `CLIENT_PROFILE_UNKNOWN`: a record names a profile that the configuration does not have.
 * - `CLIENT_QUEUE_UNREACHABLE`: the SQS queue cannot be found or reached.
 * - `CLIENT_REDIS_MISSING`, `CLIENT_TRANSIT_KEY_MISSING`: submitting over BullMQ needs both.
 */
export const CLIENT_ERROR_CODES = [
  "CLIENT_RECORD_NOT_FOUND",
  "CLIENT_CONTEXT_MISMATCH",
  "CLIENT_REGION_UNKNOWN",
  "CLIENT_REGION_TIMEOUT",
  "CLIENT_PROFILE_UNKNOWN",
  "CLIENT_QUEUE_UNREACHABLE",
  "CLIENT_REDIS_MISSING",
  "CLIENT_TRANSIT_KEY_MISSING",
] as const;

export class ClientError extends DekhandError<(typeof CLIENT_ERROR_CODES)[number]> {}
