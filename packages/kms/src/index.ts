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
  CallOptions,
  DecryptedBlob,
  GeneratedDataKey,
  KeyDescription,
  KmsContext,
  KmsGovernor,
  KmsGovernorOptions,
  KmsMeters,
} from "./kms-governor.ts";
