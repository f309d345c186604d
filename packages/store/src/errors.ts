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
 * - `STORE_CONTENDED`: the item kept changing while it was being read or written. Retryable.
 * - `STORE_TRANSIT_KEY_EXISTS`: a transit key of that id exists and is another one.
 * - `STORE_KEY_RETURNED`: the campaign has taken marks of the key away and cannot leave it again.
 * - `STORE_RETIREMENT_CHANGED`: the key's retirement is no longer as it was read. Retryable: read it again and decide anew.
 * - `STORE_CAMPAIGN_EXISTS`: a campaign of that id exists and is another one.
 * - `STORE_CAMPAIGN_LOCKED`: another campaign holds a lock that this one needs; the context names it. Retryable only while that one is still being created.
 * - `STORE_CAMPAIGN_NOT_FOUND`: no such campaign, or no such segment or failure of it.
 * - `STORE_CAMPAIGN_CHANGED`: the campaign is no longer as it was read. Retryable: read it again and decide anew.
 * - `STORE_SEGMENT_EXISTS`: a segment of that number exists and is another one.
 * - `STORE_DOCUMENT_EXISTS`: the campaign has another document of that name.
 * - `STORE_STATEMENT_INVALID`: an SQL statement of a wrap store's owner is not what it must be, or does something else.
 * - `STORE_MODULE_INVALID`: a module that is a wrap store cannot be loaded, lacks a function, or answers what it must not.
 * - `STORE_MODULE_FAILED`: a function of such a module threw. Retryable, unless what it threw says that it is not.
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
  "STORE_KEY_RETURNED",
  "STORE_RETIREMENT_CHANGED",
  "STORE_CAMPAIGN_EXISTS",
  "STORE_CAMPAIGN_LOCKED",
  "STORE_CAMPAIGN_NOT_FOUND",
  "STORE_CAMPAIGN_CHANGED",
  "STORE_SEGMENT_EXISTS",
  "STORE_DOCUMENT_EXISTS",
  "STORE_STATEMENT_INVALID",
  "STORE_MODULE_INVALID",
  "STORE_MODULE_FAILED",
] as const;

export type StoreErrorCode = (typeof STORE_ERROR_CODES)[number];

export class StoreError extends DekhandError<StoreErrorCode> {}
