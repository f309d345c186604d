import { describeError } from "@dekhand/errors";
import { describe, expect, it } from "vitest";
import { storeFailure } from "./store-failure.ts";

const answered = (name: string, httpStatusCode: number) =>
  Object.assign(new Error("canary"), { name, $metadata: { httpStatusCode } });

describe("what DynamoDB's failures become", () => {
  it.each([
    [answered("ProvisionedThroughputExceededException", 400), "STORE_THROTTLED"],
    [answered("ThrottlingException", 400), "STORE_THROTTLED"],
    [answered("RequestLimitExceeded", 400), "STORE_THROTTLED"],
    [answered("LimitExceededException", 400), "STORE_THROTTLED"],
    [answered("Unknown", 429), "STORE_THROTTLED"],
    [answered("AccessDeniedException", 400), "STORE_DENIED"],
    [answered("ExpiredTokenException", 400), "STORE_DENIED"],
    [answered("UnrecognizedClientException", 400), "STORE_DENIED"],
    [answered("Unknown", 403), "STORE_DENIED"],
    [Object.assign(new Error("canary"), { name: "CredentialsProviderError" }), "STORE_DENIED"],
    [answered("ResourceNotFoundException", 400), "STORE_TABLE_MISSING"],
    [answered("InternalServerError", 500), "STORE_UNAVAILABLE"],
    [answered("ServiceUnavailable", 503), "STORE_UNAVAILABLE"],
    [answered("Unknown", 502), "STORE_UNAVAILABLE"],
    [answered("SyntaxError", 200), "STORE_UNAVAILABLE"],
    [Object.assign(new Error("canary"), { code: "ECONNREFUSED" }), "STORE_UNAVAILABLE"],
    [Object.assign(new Error("canary"), { name: "TimeoutError" }), "STORE_UNAVAILABLE"],
    [answered("ValidationException", 400), "STORE_REQUEST_INVALID"],
    [new TypeError("canary"), "STORE_REQUEST_INVALID"],
  ])("%o is %s", (error, code) => {
    const failure = storeFailure(error, "PutItem");
    expect(failure).toMatchObject({ code, cause: error, context: { operation: "PutItem" } });
    expect(failure.retryable).toBe(code !== "STORE_REQUEST_INVALID");
    expect(JSON.stringify(describeError(failure))).not.toContain("canary");
  });

  it("an error of our own passes as it is", () => {
    const own = storeFailure(new Error(), "Query");
    expect(storeFailure(own, "Scan")).toBe(own);
  });
});
