import { DekhandError } from "@dekhand/errors";

/** Why a job was rejected: readable in the dead-letter queue, in quarantine, and in an error of the producer. */
export const JOBS_REASON_CODES = [
  /** The message is not JSON, or not a JSON object. */
  "JOBS_JSON_INVALID",
  /** `version` is missing or none that this release reads. */
  "JOBS_VERSION_UNKNOWN",
  /** `kind` is missing or none that this queue takes. */
  "JOBS_KIND_UNKNOWN",
  /** Another violation of the contract: an unknown field, or not exactly one of two fields that exclude each other. */
  "JOBS_SCHEMA_INVALID",
  /** `id` is empty, longer than 512 bytes, or has control characters. */
  "JOBS_ID_INVALID",
  /** `recordId`, or one of `recordIds`, is empty, longer than 512 bytes, or has control characters; or there are too many. */
  "JOBS_RECORD_ID_INVALID",
  /** `profile` is empty, longer than 128 bytes, or has control characters. */
  "JOBS_PROFILE_INVALID",
  /** The configuration has no such profile. */
  "JOBS_PROFILE_UNKNOWN",
  /** `context` is no object of strings, has an empty or unfit key, more than 64 keys, or more than 8 KiB. */
  "JOBS_CONTEXT_INVALID",
  /** A context key begins with `dekhand:` or `aws:`, in any case. */
  "JOBS_CONTEXT_RESERVED_KEY",
  /** A context key that the profile requires is missing. */
  "JOBS_CONTEXT_MISSING_KEY",
  /** `contentType` is empty, longer than 255 bytes, or has control characters. */
  "JOBS_CONTENT_TYPE_INVALID",
  /** `revision` is no whole number from 0 to 2^53 - 1. */
  "JOBS_REVISION_INVALID",
  /** A string has a lone surrogate. */
  "JOBS_TEXT_ILL_FORMED",
  /** `payload` is not canonical base64. */
  "JOBS_PAYLOAD_BASE64",
  /** The payload has no bytes. */
  "JOBS_PAYLOAD_EMPTY",
  /** The payload is larger than the deployment allows. */
  "JOBS_PAYLOAD_TOO_LARGE",
  /** A payload came through Redis without transit sealing. */
  "JOBS_PAYLOAD_PLAIN_OVER_REDIS",
  /** `sealed` is malformed. */
  "JOBS_SEALED_INVALID",
  /** The payload is sealed to a transit key that this deployment does not have. */
  "JOBS_TRANSIT_KEY_UNKNOWN",
  /** The sealed payload does not open: altered, or made for another job. */
  "JOBS_TRANSIT_OPEN_FAILED",
  /** `dekId`, or one of `dekIds`, is no UUIDv7 in lower case; or there are too many. */
  "JOBS_DEK_ID_INVALID",
  /** `debtId` is no UUIDv7 in lower case. */
  "JOBS_DEBT_ID_INVALID",
  /** `region` is no name of an AWS Region. */
  "JOBS_REGION_INVALID",
  /** `campaignId` is empty, longer than 128 characters, or has others than letters, digits, `.`, `_` and `-`. */
  "JOBS_CAMPAIGN_ID_INVALID",
  /** `segment` is no whole number from 0 to 99,999. */
  "JOBS_SEGMENT_INVALID",
  /** SQS itself moved the message to the dead-letter queue: it was received too often. */
  "JOBS_RECEIVED_TOO_OFTEN",
] as const;

export type JobsReasonCode = (typeof JOBS_REASON_CODES)[number];

/** Codes of this package's errors. A producer's errors use the reason codes too. */
export const JOBS_ERROR_CODES = [
  ...JOBS_REASON_CODES,
  /** The SQS queue has no redrive policy, so a rejected job would have nowhere to go. */
  "JOBS_DLQ_MISSING",
  /** Redis may evict jobs: its `maxmemory-policy` is not `noeviction`. */
  "JOBS_REDIS_EVICTS",
  /** The queue could not be reached or read at start. */
  "JOBS_QUEUE_UNREACHABLE",
  /** The BullMQ queue holds as many jobs as the producer is allowed to let it grow to. */
  "JOBS_QUEUE_FULL",
  /** The job does not fit into one message. */
  "JOBS_MESSAGE_TOO_LARGE",
  /** The queue did not take the job. */
  "JOBS_SEND_FAILED",
  /** A transit key that was given is no such key. */
  "JOBS_TRANSIT_KEY_INVALID",
  /** The message's lease ended while its handler ran. The reason of an aborted signal. */
  "JOBS_LEASE_LOST",
  /** The consumer drains and its deadline is near. The reason of an aborted signal. */
  "JOBS_DRAINING",
  /** The dead-letter queue or the quarantine did not take a rejected job: it stays on its queue for now. */
  "JOBS_REJECT_FAILED",
  /** A handler threw instead of answering; the job is delivered again. */
  "JOBS_HANDLER_FAILED",
  /** Used after `close` or `drain`, or started twice. */
  "JOBS_CLOSED",
] as const;

export class JobsError extends DekhandError<(typeof JOBS_ERROR_CODES)[number]> {}

/** Why a job cannot be worked on. The ids are kept where they could be read. */
export interface Rejection {
  readonly code: JobsReasonCode;
  readonly message: string;
  readonly jobId?: string;
  readonly recordId?: string;
}
