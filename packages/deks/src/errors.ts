import { DekhandError } from "@dekhand/errors";

/** Codes of this package; docs/errors.md says what to do about each. */
export const DEKS_ERROR_CODES = [
  "DEKS_PROFILE_UNKNOWN",
  "DEKS_REGION_UNKNOWN",
  "DEKS_HOME_UNREADABLE",
  "DEKS_BIRTH_DEADLINE",
  "DEKS_KEY_UNSUITABLE",
  "DEKS_KEY_LEFT",
  "DEKS_KEY_NOT_ALLOWED",
  "DEKS_CONTEXT_MISMATCH",
  "DEKS_NOT_FOUND",
  "DEKS_UNWRAP_REFUSED",
  "DEKS_REWRAP_UNVERIFIED",
  "DEKS_CLOSED",
] as const;

export class DeksError extends DekhandError<(typeof DEKS_ERROR_CODES)[number]> {}
