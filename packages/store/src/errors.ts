import { DekhandError } from "@dekhand/errors";

/**
 * - `STORE_THROTTLED`: DynamoDB asked to slow down for longer than the retries last. Retryable.
 * - `STORE_UNAVAILABLE`: DynamoDB could not be reached, or failed on its side. Retryable.
 * - `STORE_DENIED`: DynamoDB refused the credentials or the permission. Retryable: it works once somebody has mended that.
 * - `STORE_TABLE_MISSING`: a table does not exist. Retryable: it works once `dekhand init` has run.
 * - `STORE_TABLE_SCHEMA`: a table of that name exists with another key schema.
 * - `STORE_TABLE_NOT_READY`: a table did not become ACTIVE within the deadline. Retryable.
 * - `STORE_REQUEST_INVALID`: DynamoDB refused the request as it is written.
 * - `STORE_CANCELLED`: a write was given up because its signal was aborted; whether it took effect is not known. Retryable.
 * - `STORE_VALUE_INVALID`: a key, name or value is outside the limits.
 * - `STORE_ITEM_TOO_LARGE`: the item is larger than DynamoDB takes.
 * - `STORE_ITEM_MALFORMED`: a stored item does not have the shape that this version writes.
 * - `STORE_DEK_EXISTS`: a DEK or wrap of that id exists and is another one.
 * - `STORE_RECORD_EXISTS`: the record exists, and the job has no revision to replace it with.
 * - `STORE_REVISION_CONFLICT`: the record exists with the same revision, from another job.
 * - `STORE_RECORD_DAMAGED`: the stored envelope does not match its head's digest or length.
 * - `STORE_PART_MISSING`: a part that the record's head names is not there.
 * - `STORE_CONTENDED`: the record kept changing while it was being read or written. Retryable.
 * - `STORE_TRANSIT_KEY_EXISTS`: a transit key of that id exists and is another one.
 */
export const STORE_ERROR_CODES = [
  "STORE_THROTTLED",
  "STORE_UNAVAILABLE",
  "STORE_DENIED",
  "STORE_TABLE_MISSING",
  "STORE_TABLE_SCHEMA",
  "STORE_TABLE_NOT_READY",
  "STORE_REQUEST_INVALID",
  "STORE_CANCELLED",
  "STORE_VALUE_INVALID",
  "STORE_ITEM_TOO_LARGE",
  "STORE_ITEM_MALFORMED",
  "STORE_DEK_EXISTS",
  "STORE_RECORD_EXISTS",
  "STORE_REVISION_CONFLICT",
  "STORE_RECORD_DAMAGED",
  "STORE_PART_MISSING",
  "STORE_CONTENDED",
  "STORE_TRANSIT_KEY_EXISTS",
] as const;

export type StoreErrorCode = (typeof STORE_ERROR_CODES)[number];

export class StoreError extends DekhandError<StoreErrorCode> {}
