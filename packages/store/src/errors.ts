import { DekhandError } from "@dekhand/errors";

/** Codes of this package; docs/errors.md says what to do about each. */
export const STORE_ERROR_CODES = [
  /** DynamoDB asked to slow down for longer than the retries last. Retryable. */
  "STORE_THROTTLED",
  /** DynamoDB could not be reached, or failed on its side. Retryable. */
  "STORE_UNAVAILABLE",
  /** DynamoDB refused the credentials or the permission. Retryable: once somebody mends it, the same call succeeds. */
  "STORE_DENIED",
  /** A table does not exist. Retryable: `dekhand init` creates it. */
  "STORE_TABLE_MISSING",
  /** A table of that name exists with another key schema. */
  "STORE_TABLE_SCHEMA",
  /** A table did not become ACTIVE within the deadline. Retryable. */
  "STORE_TABLE_NOT_READY",
  /** DynamoDB refused the request as it is written. */
  "STORE_REQUEST_INVALID",
  /** A write was given up because its signal was aborted; whether it took effect is not known. Retryable. */
  "STORE_CANCELLED",
  /** A key, name or value is outside the limits. */
  "STORE_VALUE_INVALID",
  /** The item is larger than DynamoDB takes. */
  "STORE_ITEM_TOO_LARGE",
  /** A stored item does not have the shape that this version writes. */
  "STORE_ITEM_MALFORMED",
  /** A DEK or wrap of that id exists and is another one. */
  "STORE_DEK_EXISTS",
  /** The record exists, and the job has no revision to replace it with. */
  "STORE_RECORD_EXISTS",
  /** The record exists with the same revision, from another job. */
  "STORE_REVISION_CONFLICT",
  /** The stored envelope does not match its head's digest or length. */
  "STORE_RECORD_DAMAGED",
  /** A part that the record's head names is not there. */
  "STORE_PART_MISSING",
  /** The record kept changing while it was being read or written. Retryable. */
  "STORE_CONTENDED",
  /** A transit key of that id exists and is another one. */
  "STORE_TRANSIT_KEY_EXISTS",
] as const;

export type StoreErrorCode = (typeof STORE_ERROR_CODES)[number];

export class StoreError extends DekhandError<StoreErrorCode> {}
