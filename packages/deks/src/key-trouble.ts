import type { DekhandError } from "@dekhand/errors";
import { KmsError } from "@dekhand/kms";
import { DeksError } from "./errors.ts";

const ofOneProfile = new Set<DeksError["code"]>([
  "DEKS_KEY_UNSUITABLE",
  "DEKS_KEY_LEFT",
  "DEKS_REGION_UNKNOWN",
  "DEKS_HOME_UNREADABLE",
]);

/**
 * Whether an error is one key's or profile's own: the key is disabled, denied, of the wrong kind, or left by a campaign, or
 * the profile's home is none that can be used. Work that needs other keys may go on.
 */
export function isKeyTrouble(error: DekhandError): boolean {
  if (error instanceof DeksError) return ofOneProfile.has(error.code);
  return error instanceof KmsError && (error.failureClass === "key-unusable" || error.failureClass === "denied");
}
