import { KmsError, type KmsFailureClass } from "@dekhand/kms";
import { expect, it } from "vitest";
import { DeksError } from "./errors.ts";
import { isKeyTrouble } from "./key-trouble.ts";

function failure(failureClass: KmsFailureClass) {
  return new KmsError({ failureClass, operation: "ReEncrypt", region: "us-east-1", reason: "Test", attempts: 1 });
}

it("a key that is disabled, denied or of the wrong kind is the key's own trouble, and nothing else is", () => {
  expect(isKeyTrouble(failure("key-unusable"))).toBe(true);
  expect(isKeyTrouble(failure("denied"))).toBe(true);
  expect(isKeyTrouble(new DeksError("DEKS_KEY_UNSUITABLE", "no", { retryable: true }))).toBe(true);
  for (const other of ["throttled", "transient", "circuit-open", "limit"] as const) {
    expect(isKeyTrouble(failure(other)), other).toBe(false);
  }
});
