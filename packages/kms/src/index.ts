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
export {
  type CallOptions,
  createKmsGovernor,
  type DecryptedBlob,
  type GeneratedDataKey,
  type KeyDescription,
  type KmsContext,
  type KmsGovernor,
  type KmsGovernorOptions,
  type KmsMeters,
} from "./kms-governor.ts";
