export { type BullConsumerOptions, createBullConsumer } from "./bullmq/bull-consumer.ts";
export { bullJobId } from "./bullmq/bull-job-id.ts";
export { type BullProducerOptions, createBullProducer } from "./bullmq/bull-producer.ts";
export type { Quarantine, QuarantineEntry } from "./bullmq/quarantine.ts";
export { type RedisConnection, requireNoEviction } from "./bullmq/redis-connection.ts";
export { type BullRejectedJobsOptions, createBullRejectedJobs } from "./bullmq/rejected-bull-jobs.ts";
export { MAX_REJECTED_KEPT, rejectedQueueName } from "./bullmq/rejected-queue.ts";
export { checkAgainstProfile } from "./contracts/check-against-profile.ts";
export { type EncodedJob, encodeEncryptJob } from "./contracts/encode-encrypt-job.ts";
export {
  DEFAULT_CONTENT_TYPE,
  ENCRYPT_JOB_LIMITS,
  type EncryptJob,
  type EncryptJobHeader,
  type EncryptJobInput,
  type EncryptJobMessage,
  type SealedPayload,
} from "./contracts/encrypt-job.ts";
export {
  type ParseOptions,
  type ParseResult,
  parseEncryptJob,
  parseEncryptJobValue,
} from "./contracts/parse-encrypt-job.ts";
export { parseJson } from "./contracts/parse-json.ts";
export type { ConsumerStats, Delivery, Handler, JobConsumer, Outcome, QueueKind } from "./delivery.ts";
export { JOBS_ERROR_CODES, JOBS_REASON_CODES, JobsError, type JobsReasonCode, type Rejection } from "./errors.ts";
export type { JobProducer, SubmitResult } from "./producer.ts";
export type {
  RedriveOptions,
  RedriveResult,
  RejectedFilter,
  RejectedJob,
  RejectedJobs,
  RejectedOptions,
} from "./rejected-jobs.ts";
export { encryptJobJsonSchema } from "./schema/encrypt-job-schema.ts";
export { type QueueInfo, readQueueInfo } from "./sqs/queue-info.ts";
export { createSqsRejectedJobs, type SqsRejectedJobsOptions } from "./sqs/rejected-messages.ts";
export { createSqsConsumer, type SqsConsumerOptions } from "./sqs/sqs-consumer.ts";
export { createSqsProducer, type SqsProducerOptions } from "./sqs/sqs-producer.ts";
export {
  generateTransitKeyPair,
  type RecipientKey,
  type TransitKeyPair,
  type TransitPublicKey,
  toTransitPublicKey,
} from "./transit/transit-key.ts";
export { createTransitKeyring, type TransitKeyring, type TransitKeyringOptions } from "./transit/transit-keyring.ts";
export { openFromTransit, sealForTransit } from "./transit/transit-seal.ts";
