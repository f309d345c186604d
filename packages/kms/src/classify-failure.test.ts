import { describe, expect, it } from "vitest";
import { classifyFailure } from "./classify-failure.ts";
import { KMS_ERROR_CODES, KMS_FAILURE_CLASSES, KmsError } from "./errors.ts";

function failure(name: string, extra: object = {}): Error {
  const error = new Error("canary");
  error.name = name;
  return Object.assign(error, extra);
}

function withStatus(httpStatusCode: number): object {
  return { $metadata: { httpStatusCode } };
}

describe("classifyFailure", () => {
  it.each([
    ["throttled", ["ThrottlingException", "TooManyRequestsException"]],
    ["transient", ["KMSInternalException", "DependencyTimeoutException", "KeyUnavailableException", "TimeoutError"]],
    ["key-unusable", ["DisabledException", "KMSInvalidStateException", "NotFoundException"]],
    [
      "denied",
      ["AccessDeniedException", "InvalidGrantTokenException", "ExpiredTokenException", "CredentialsProviderError"],
    ],
    [
      "poison",
      ["InvalidCiphertextException", "IncorrectKeyException", "InvalidKeyUsageException", "ValidationException"],
    ],
    ["limit", ["LimitExceededException", "ConflictException"]],
    ["cancelled", ["AbortError"]],
  ])("%s: by name, whatever the status", (failureClass, names) => {
    for (const name of names) {
      expect(classifyFailure(failure(name)), name).toEqual({ failureClass, reason: name });
      expect(classifyFailure(failure(name, withStatus(400))), name).toEqual({ failureClass, reason: name });
    }
  });

  it("goes by the status where the name is unknown", () => {
    expect(classifyFailure(failure("Odd", withStatus(503)))).toEqual({ failureClass: "transient", reason: "Odd" });
    expect(classifyFailure(failure("Odd", withStatus(500)))).toEqual({ failureClass: "transient", reason: "Odd" });
    expect(classifyFailure(failure("Odd", withStatus(429)))).toEqual({ failureClass: "throttled", reason: "Odd" });
  });

  it("never quarantines for a refusal that nobody knows: its job waits for an operator", () => {
    expect(classifyFailure(failure("NewException", withStatus(400)))).toEqual({
      failureClass: "denied",
      reason: "NewException",
    });
    expect(classifyFailure(failure("Odd", withStatus(403)))).toEqual({ failureClass: "denied", reason: "Odd" });
  });

  it.each(["ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EPIPE", "ENOTFOUND", "EAI_AGAIN", "CERT_HAS_EXPIRED"])(
    "%s of the network is transient",
    (code) => {
      expect(classifyFailure(failure("Error", { code }))).toEqual({ failureClass: "transient", reason: code });
    },
  );

  it("takes an answer that could not be read, and anything else, for transient", () => {
    expect(classifyFailure(failure("SyntaxError", withStatus(200)))).toEqual({
      failureClass: "transient",
      reason: "SyntaxError",
    });
    expect(classifyFailure("text")).toEqual({ failureClass: "transient", reason: "UnknownError" });
    expect(classifyFailure(undefined)).toEqual({ failureClass: "transient", reason: "UnknownError" });
  });

  it("repeats only what looks like a name", () => {
    expect(classifyFailure(failure("line\nbreak", withStatus(400))).reason).toBe("UnknownError");
    expect(classifyFailure(failure("x".repeat(65), withStatus(400))).reason).toBe("UnknownError");
  });
});

describe("KmsError", () => {
  it("has one code a class, and only poison and cancelled are final", () => {
    const details = { operation: "Decrypt", region: "eu-west-1", reason: "Odd", attempts: 1 } as const;
    const errors = KMS_FAILURE_CLASSES.map((failureClass) => new KmsError({ ...details, failureClass }));
    expect(errors.map(({ code }) => code).sort()).toEqual([...KMS_ERROR_CODES].sort());
    const final = errors.filter(({ retryable }) => !retryable).map(({ failureClass }) => failureClass);
    expect(final).toEqual(["poison", "cancelled"]);
  });
});
