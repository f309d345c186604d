import { describe, expect, it } from "vitest";
import { DekhandError, describeError, isAbort } from "./index.ts";

class SampleError extends DekhandError<"SAMPLE_FAILED"> {}

describe("DekhandError", () => {
  it("is not retryable unless it says so", () => {
    expect(new SampleError("SAMPLE_FAILED", "no").retryable).toBe(false);
    expect(new SampleError("SAMPLE_FAILED", "no", { retryable: true }).retryable).toBe(true);
  });

  it("is named after its class and keeps its cause", () => {
    const cause = new Error("underneath");
    const error = new SampleError("SAMPLE_FAILED", "no", { cause });
    expect(error.name).toBe("SampleError");
    expect(error.cause).toBe(cause);
  });
});

describe("describeError", () => {
  it("never repeats the message of a foreign error, which may quote its input", () => {
    let parseError: unknown;
    try {
      JSON.parse("canary-4711 {");
    } catch (error) {
      parseError = error;
    }
    const wrapped = new SampleError("SAMPLE_FAILED", "job body is not JSON", { cause: parseError });
    expect(JSON.stringify(describeError(parseError))).not.toContain("canary");
    expect(JSON.stringify(wrapped)).not.toContain("canary");
    expect(describeError(wrapped)).toMatchObject({ code: "SAMPLE_FAILED", cause: { name: "SyntaxError" } });
  });

  it("reduces thrown values that are no errors to their type", () => {
    expect(describeError("secret text")).toEqual({ name: "NonError", code: "string" });
  });

  it("ends on a circle of causes", () => {
    const error = new Error("a");
    error.cause = error;
    expect(() => JSON.stringify(describeError(error))).not.toThrow();
  });
});

describe("isAbort", () => {
  it("knows the reason of the given signal, whatever it is", () => {
    const controller = new AbortController();
    const reason = new SampleError("SAMPLE_FAILED", "stopped");
    controller.abort(reason);
    expect(isAbort(reason, controller.signal)).toBe(true);
    expect(isAbort(new Error("other"), controller.signal)).toBe(false);
  });
});
