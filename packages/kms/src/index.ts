export type { BreakerSnapshot, BreakerState } from "./breaker.ts";
export type { CallOptions, KmsContext } from "./call-options.ts";
export { type ClassifiedFailure, classifyFailure } from "./classify-failure.ts";
export {
  KMS_ERROR_CODES,
  KMS_FAILURE_CLASSES,
  KMS_OPERATIONS,
  KmsError,
  type KmsErrorCode,
  type KmsErrorDetails,
  type KmsFailureClass,
  type KmsOperation,
} from "./errors.ts";
export type {
  CryptographicCalls,
  DecryptedBlob,
  EncryptedBlob,
  GeneratedDataKey,
  KmsGovernor,
  KmsGovernorOptions,
  KmsMeters,
  KmsStatus,
  ReEncryptedBlob,
} from "./governor-types.ts";
export type { KeyAdministration, KeyLastUsage, KeyRotation } from "./key-administration.ts";
export type { KeyDescription } from "./key-description.ts";
export type { KeySigning, MacAlgorithm, MacRequest, SigningAlgorithm, SignRequest } from "./key-signing.ts";
export { KMS_PRIORITIES, type KmsPriority } from "./kms-call.ts";
export { createKmsGovernor } from "./kms-governor.ts";
export { createKmsGovernors, type KmsGovernorsOptions } from "./kms-governors.ts";
export { configuredQuota, defaultQuota, type QuotaClass, shareOf } from "./quota/account-quotas.ts";
export { describeQuota } from "./quota/describe-quota.ts";
export { createKmsQuota, type KmsQuota, type KmsQuotaOptions, type QuotaStatus } from "./quota/kms-quota.ts";
export { createServiceQuotas, type ServiceQuotas, type ServiceQuotasOptions } from "./quota/service-quotas.ts";
export { isAnswerFor } from "./read-answers.ts";
