/** What failures mean when records are sealed again, where that differs from rewrapping. */

import { type Trouble, troubleOf } from "../page-stop.ts";

/** Throws what is no error of Dekhand's: that is a fault in the code. */
export function resealTroubleOf(error: unknown): Trouble {
  const trouble = troubleOf(error);
  // It would be so for every record that comes under that DEK.
  if (trouble.kind !== "item" || trouble.failure.code !== "CAMPAIGN_NEW_DEK_UNFIT") return trouble;
  return { kind: "stop", stop: { kind: "pause", ...trouble.failure } };
}

/** Of what keeps a new DEK from being made: no record is to blame for that. */
export function birthTroubleOf(error: unknown): Trouble {
  const trouble = resealTroubleOf(error);
  if (trouble.kind !== "item" || trouble.failure.class !== "transient") return trouble;
  return { kind: "stop", stop: { kind: "later", ...trouble.failure } };
}
