/**
 * The one place that decides what a failed KMS call means.
 *
 * By the error's name first, then by HTTP status, then by the network's code.
 * A refusal (4xx) that nobody knows yet counts as `denied`: its jobs wait for an
 * operator instead of being quarantined one by one.
 */
import { KMS_FAILURE_CLASSES, type KmsFailureClass } from "./errors.ts";

export interface ClassifiedFailure {
  readonly failureClass: KmsFailureClass;
  /** A name or network code, fit for logs and metrics of any reader. */
  readonly reason: string;
}

export function classifyFailure(error: unknown): ClassifiedFailure {
  if (!(error instanceof Error)) return { failureClass: "transient", reason: "UnknownError" };
  const code = textProperty(error, "code");
  const status = httpStatus(error);
  const known = classByName.get(error.name) ?? (status === undefined ? undefined : classByStatus(status));
  if (known !== undefined) return { failureClass: known, reason: safeName(error.name) };
  return { failureClass: "transient", reason: safeName(code ?? error.name) };
}

const namesByClass: Readonly<Record<KmsFailureClass, readonly string[]>> = {
  throttled: [
    "ThrottlingException",
    "Throttling",
    "ThrottledException",
    "TooManyRequestsException",
    "RequestLimitExceeded",
  ],
  transient: [
    "KMSInternalException",
    "DependencyTimeoutException",
    "KeyUnavailableException",
    "InternalFailure",
    "InternalServerError",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "TimeoutError",
    "RequestTimeout",
    "RequestTimeoutException",
  ],
  // A key that cannot be found, or a name that is no key's, is mended in the configuration: its jobs wait for that.
  "key-unusable": [
    "DisabledException",
    "KMSInvalidStateException",
    "NotFoundException",
    "InvalidArnException",
    "CustomKeyStoreInvalidStateException",
    "CloudHsmClusterNotActiveException",
  ],
  denied: [
    "AccessDeniedException",
    "AccessDenied",
    "InvalidGrantTokenException",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "IncompleteSignature",
    "MissingAuthenticationTokenException",
    "ExpiredTokenException",
    "ExpiredToken",
    "RequestExpired",
    "OptInRequired",
    "CredentialsProviderError",
    "TokenProviderError",
  ],
  poison: [
    "InvalidCiphertextException",
    "IncorrectKeyException",
    "InvalidKeyUsageException",
    "UnsupportedOperationException",
    "ValidationException",
    "ValidationError",
    "SerializationException",
  ],
  limit: ["LimitExceededException", "ConflictException"],
  // Never KMS's own answer: the breaker says it.
  "circuit-open": [],
  cancelled: ["AbortError"],
};

const classByName: ReadonlyMap<string, KmsFailureClass> = new Map(
  KMS_FAILURE_CLASSES.flatMap((failureClass) =>
    namesByClass[failureClass].map((name) => [name, failureClass] as const),
  ),
);

function classByStatus(status: number): KmsFailureClass | undefined {
  if (status === 429) return "throttled";
  if (status >= 500) return "transient";
  // Below 400 an answer came that could not be read: its error is not KMS's.
  return status >= 400 ? "denied" : undefined;
}

function httpStatus(error: Error): number | undefined {
  const metadata: unknown = Reflect.get(error, "$metadata");
  if (typeof metadata !== "object" || metadata === null) return undefined;
  const status: unknown = Reflect.get(metadata, "httpStatusCode");
  return typeof status === "number" ? status : undefined;
}

function textProperty(error: Error, key: string): string | undefined {
  const value: unknown = Reflect.get(error, key);
  return typeof value === "string" ? value : undefined;
}

/** An endpoint chooses its errors' names: only what looks like one is repeated. */
function safeName(name: string): string {
  return /^[A-Za-z][A-Za-z0-9_.]{0,63}$/.test(name) ? name : "UnknownError";
}
