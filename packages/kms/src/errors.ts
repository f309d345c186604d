import { DekhandError } from "@dekhand/errors";

/**
 * What a failed KMS call means for the one who asked. The states and what follows from them:
 * - `throttled`: over the quota; slow down together. Retryable.
 * - `transient`: KMS or the network stumbled, or did not answer before the deadline. Retryable.
 * - `limit`: a resource limit or an operation in progress; later. Retryable.
 * - `key-unusable`: the key is disabled, pending deletion, not ready or not there; waits for an operator. Retryable.
 * - `denied`: the role may not do this; waits for an operator. Retryable.
 * - `poison`: this one item can never succeed (wrong context, wrong key, damaged blob). Not retryable.
 * - `circuit-open`: the Region has failed too often lately, so nothing was sent; later, or another Region. Retryable.
 * - `cancelled`: the caller went away. Not retryable. (A deadline that passes is no cancellation: see `transient`.)
 */
export type KmsFailureClass = (typeof KMS_FAILURE_CLASSES)[number];

export const KMS_FAILURE_CLASSES = [
  "throttled",
  "transient",
  "key-unusable",
  "denied",
  "poison",
  "limit",
  "circuit-open",
  "cancelled",
] as const;

/** One code a class: `KMS_THROTTLED` for `throttled` and so on. */
export const KMS_ERROR_CODES = [
  "KMS_THROTTLED",
  "KMS_TRANSIENT",
  "KMS_KEY_UNUSABLE",
  "KMS_DENIED",
  "KMS_POISON",
  "KMS_LIMIT",
  "KMS_CIRCUIT_OPEN",
  "KMS_CANCELLED",
] as const;
export type KmsErrorCode = (typeof KMS_ERROR_CODES)[number];

export const KMS_OPERATIONS = [
  "GenerateDataKey",
  "Decrypt",
  "Encrypt",
  "ReEncrypt",
  "DescribeKey",
  "ListKeyRotations",
  "GetKeyLastUsage",
  "DisableKey",
  "ScheduleKeyDeletion",
  "Sign",
  "Verify",
  "GenerateMac",
  "VerifyMac",
] as const;
export type KmsOperation = (typeof KMS_OPERATIONS)[number];

export interface KmsErrorDetails {
  readonly failureClass: KmsFailureClass;
  readonly operation: KmsOperation;
  readonly region: string;
  /** Name of the underlying error, as KMS or the network gave it. */
  readonly reason: string;
  /** HTTP attempts made before giving up. */
  readonly attempts: number;
  readonly cause?: unknown;
}

/** A KMS call that did not succeed. `retryable`: the same call may succeed later with nobody acting on this item. */
export class KmsError extends DekhandError<KmsErrorCode> {
  readonly failureClass: KmsFailureClass;
  readonly operation: KmsOperation;
  readonly region: string;

  constructor(details: KmsErrorDetails) {
    const { failureClass, operation, region, reason, attempts } = details;
    super(
      codeOf[failureClass],
      `KMS ${operation} in ${region} failed: ${reason} (${failureClass}, attempts: ${attempts})`,
      {
        retryable: failureClass !== "poison" && failureClass !== "cancelled",
        cause: details.cause,
        context: { failureClass, operation, region, reason, attempts },
      },
    );
    this.failureClass = failureClass;
    this.operation = operation;
    this.region = region;
  }
}

const codeOf: Readonly<Record<KmsFailureClass, KmsErrorCode>> = {
  throttled: "KMS_THROTTLED",
  transient: "KMS_TRANSIENT",
  "key-unusable": "KMS_KEY_UNUSABLE",
  denied: "KMS_DENIED",
  poison: "KMS_POISON",
  limit: "KMS_LIMIT",
  "circuit-open": "KMS_CIRCUIT_OPEN",
  cancelled: "KMS_CANCELLED",
};
