export {
  DEFAULT_CONTENT_TYPE,
  ENCRYPT_JOB_LIMITS,
  type EncryptJob,
  type EncryptJobHeader,
  type EncryptJobInput,
  type EncryptJobMessage,
  type SealedPayload,
} from "./contracts/encrypt-job.ts";
export type { ConsumerStats, Delivery, Handler, JobConsumer, Outcome, QueueKind } from "./delivery.ts";
export { JOBS_ERROR_CODES, JOBS_REASON_CODES, JobsError, type JobsReasonCode, type Rejection } from "./errors.ts";
