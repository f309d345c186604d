import { KmsError, type KmsFailureClass } from "@dekhand/kms";
import { expect, it } from "vitest";
import { DeksError } from "./errors.ts";
import { isKeyTrouble } from "./key-trouble.ts";

function failure(failureClass: KmsFailureClass) {
  return new KmsError({ failureClass, operation: "ReEncrypt", region: "us-east-1", reason: "Test", attempts: 1 });
}

it("a key that is disabled, denied, of the wrong kind or left by a campaign, or a home that cannot be used, is one profile's own trouble, and nothing else is", () => {
  expect(isKeyTrouble(failure("key-unusable"))).toBe(true);
  expect(isKeyTrouble(failure("denied"))).toBe(true);
  for (const own of ["DEKS_KEY_UNSUITABLE", "DEKS_KEY_LEFT", "DEKS_REGION_UNKNOWN", "DEKS_HOME_UNREADABLE"] as const) {
    expect(isKeyTrouble(new DeksError(own, "no", { retryable: true })), own).toBe(true);
  }
  for (const other of ["throttled", "transient", "circuit-open", "limit"] as const) {
    expect(isKeyTrouble(failure(other)), other).toBe(false);
  }
});
