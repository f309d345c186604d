/**
 * What DynamoDB's failures mean.
 *
 * The SDK has retried a whole call three times before its failure arrives here,
 * and nothing on top of it does so again. Retryable is everything that is no
 * fault of the item: a job that meets a missing table or a lost permission waits
 * for somebody to mend it and is not thrown away.
 */

import { StoreError, type StoreErrorCode } from "../errors.ts";

const throttled = new Set([
  "ProvisionedThroughputExceeded",
  "RequestLimitExceeded",
  "Throttling",
  "ThrottlingError",
  "TooManyRequests",
  "TransactionConflict",
  "TransactionInProgress",
  "LimitExceeded",
]);

const denied = new Set([
  "AccessDenied",
  "CredentialsProviderError",
  "ExpiredToken",
  "IncompleteSignature",
  "InvalidSignature",
  "MissingAuthenticationToken",
  "NotAuthorized",
  "OptInRequired",
  "TokenProviderError",
  "UnauthorizedSSOTokenError",
  "UnrecognizedClient",
]);

const meanings: Readonly<Record<string, string>> = {
  STORE_THROTTLED: "DynamoDB asked to slow down",
  STORE_DENIED: "DynamoDB refused the credentials or the permission",
  STORE_TABLE_MISSING: "the table does not exist",
  STORE_REQUEST_INVALID: "DynamoDB refused the request",
  STORE_UNAVAILABLE: "DynamoDB is not available",
};

/**
 * The StoreError for anything that `client.send` threw. StoreErrors pass as
 * they are. An aborted call is not told apart here: ask the signal first.
 */
export function storeFailure(error: unknown, operation: string): StoreError {
  if (error instanceof StoreError) return error;
  return failureOf(classify(error), operation, { cause: error });
}

/** The StoreError for the error code of one statement in a batch. */
export function statementFailure(code: string | undefined, operation: string): StoreError {
  return failureOf(classifyName(code ?? "") ?? "STORE_REQUEST_INVALID", operation, {}, code);
}

function failureOf(code: StoreErrorCode, operation: string, cause: { cause?: unknown }, reason?: string): StoreError {
  return new StoreError(code, meanings[code] ?? "DynamoDB failed", {
    retryable: code !== "STORE_REQUEST_INVALID",
    context: { operation, ...(reason === undefined ? {} : { reason }) },
    ...cause,
  });
}

function classify(error: unknown): StoreErrorCode {
  if (!(error instanceof Error)) return "STORE_REQUEST_INVALID";
  const named = classifyName(error.name);
  if (named) return named;
  const status = httpStatus(error);
  if (status === undefined) {
    // No answer came: a network failure carries a system code or says that it timed out.
    return "code" in error || /timeout|network|connection/i.test(error.name)
      ? "STORE_UNAVAILABLE"
      : "STORE_REQUEST_INVALID";
  }
  if (status === 429) return "STORE_THROTTLED";
  if (status === 401 || status === 403) return "STORE_DENIED";
  // Below 400 the status was fine and the body was not what DynamoDB sends: something in between answered.
  return status >= 500 || status < 400 ? "STORE_UNAVAILABLE" : "STORE_REQUEST_INVALID";
}

function classifyName(name: string): StoreErrorCode | undefined {
  const stem = name.replace(/Exception$/, "");
  if (throttled.has(stem)) return "STORE_THROTTLED";
  if (denied.has(stem)) return "STORE_DENIED";
  if (stem === "ResourceNotFound" || stem === "TableNotFound") return "STORE_TABLE_MISSING";
  if (stem === "InternalServerError" || stem === "InternalFailure" || stem === "ServiceUnavailable")
    return "STORE_UNAVAILABLE";
  return undefined;
}

function httpStatus(error: Error): number | undefined {
  if (!("$metadata" in error)) return undefined;
  const { $metadata: metadata } = error;
  if (typeof metadata !== "object" || metadata === null || !("httpStatusCode" in metadata)) return undefined;
  return typeof metadata.httpStatusCode === "number" ? metadata.httpStatusCode : undefined;
}
