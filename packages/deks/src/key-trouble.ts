import type { DekhandError } from "@dekhand/errors";
import { KmsError } from "@dekhand/kms";
import { DeksError } from "./errors.ts";

/** Whether an error is one key's own: disabled, denied, of the wrong kind, or left by a campaign. Work that needs other keys may go on. */
export function isKeyTrouble(error: DekhandError): boolean {
  if (error instanceof DeksError) return error.code === "DEKS_KEY_UNSUITABLE" || error.code === "DEKS_KEY_LEFT";
  return error instanceof KmsError && (error.failureClass === "key-unusable" || error.failureClass === "denied");
}
