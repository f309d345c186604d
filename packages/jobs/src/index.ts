export type { BullAdderOptions } from "./bullmq/add-jobs.ts";
export { type BullConsumerOptions, createBullConsumer } from "./bullmq/bull-consumer.ts";
export { bullJobId, bullReplicateJobId, bullRewrapJobId } from "./bullmq/bull-job-id.ts";
export {
  type BullProducerOptions,
  createBullProducer,
  createBullReplicateProducer,
  createBullRewrapProducer,
} from "./bullmq/bull-producer.ts";
export type { Quarantine, QuarantineEntry } from "./bullmq/quarantine.ts";
export { type RedisConnection, requireNoEviction } from "./bullmq/redis-connection.ts";
export { type BullRejectedJobsOptions, createBullRejectedJobs } from "./bullmq/rejected-bull-jobs.ts";
export { MAX_REJECTED_KEPT, rejectedQueueName } from "./bullmq/rejected-queue.ts";
export { handBackMs } from "./consumer/hand-back.ts";
export { checkAgainstProfile } from "./contracts/check-against-profile.ts";
export { encodeEncryptJob } from "./contracts/encode-encrypt-job.ts";
export { encodeRewrapJob } from "./contracts/encode-rewrap-job.ts";
export type { EncodedJob } from "./contracts/encoded-job.ts";
export {
  DEFAULT_CONTENT_TYPE,
  ENCRYPT_JOB_LIMITS,
  type EncryptJob,
  type EncryptJobHeader,
  type EncryptJobInput,
  type EncryptJobMessage,
  type SealedPayload,
} from "./contracts/encrypt-job.ts";
export { type EncryptJobsOptions, encryptJobs } from "./contracts/encrypt-jobs.ts";
export { type ParseOptions, type ParseResult, parseEncryptJob } from "./contracts/parse-encrypt-job.ts";
export { parseJson } from "./contracts/parse-json.ts";
export { parseReplicateJob, replicateJobs } from "./contracts/parse-replicate-job.ts";
export { parseRewrapJob, rewrapJobs } from "./contracts/parse-rewrap-job.ts";
export { REPLICATE_JOB_LIMITS, type ReplicateJob, type ReplicateJobInput } from "./contracts/replicate-job.ts";
export {
  REWRAP_JOB_LIMITS,
  type RewrapDekJob,
  type RewrapJob,
  type RewrapJobInput,
  type RewrapSegmentJob,
} from "./contracts/rewrap-job.ts";
export {
  type KeyRotationEvent,
  type KmsEvent,
  kmsEvents,
  type OtherKmsEvent,
  parseKmsEvent,
} from "./contracts/rotation-event.ts";
export type { ConsumerStats, Delivery, Handler, JobConsumer, Outcome, QueueKind } from "./delivery.ts";
export { JOBS_ERROR_CODES, JOBS_REASON_CODES, JobsError, type JobsReasonCode, type Rejection } from "./errors.ts";
export { type FailureOptions, failureOutcome } from "./handler/failure-outcome.ts";
export { createPatience, HandBack, type Patience, type PatienceOptions, type Waiting } from "./handler/patience.ts";
export { type JobKind, type JobMessage, type OpenedJob, type ParsedJob, parseMessage } from "./job-kind.ts";
export { type OpenConsumersOptions, openConsumers } from "./open-consumers.ts";
export type { JobProducer, SubmitResult } from "./producer.ts";
export type {
  RedriveOptions,
  RedriveResult,
  RejectedFilter,
  RejectedJob,
  RejectedJobs,
  RejectedOptions,
} from "./rejected-jobs.ts";
export { encryptJobJsonSchema, replicateJobJsonSchema, rewrapJobJsonSchema } from "./schema/job-schemas.ts";
export { type QueueInfo, readQueueInfo } from "./sqs/queue-info.ts";
export { createSqsRejectedJobs, type SqsRejectedJobsOptions } from "./sqs/rejected-messages.ts";
export type { SqsSenderOptions } from "./sqs/send-jobs.ts";
export { createSqsConsumer, type SqsConsumerOptions } from "./sqs/sqs-consumer.ts";
export { createSqsProducer, createSqsRewrapProducer, type SqsProducerOptions } from "./sqs/sqs-producer.ts";
export {
  generateTransitKeyPair,
  type RecipientKey,
  type TransitKeyPair,
  type TransitPublicKey,
  toTransitPublicKey,
} from "./transit/transit-key.ts";
export { createTransitKeyring, type TransitKeyring, type TransitKeyringOptions } from "./transit/transit-keyring.ts";
export { openFromTransit, sealForTransit } from "./transit/transit-seal.ts";
