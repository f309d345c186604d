import type { SegmentPhase } from "@dekhand/store";
import { CampaignError } from "../errors.ts";
import { canaryPhase } from "./canary-phase.ts";
import { censusPhase } from "./census-phase.ts";
import { followPhase } from "./follow-phase.ts";
import type { RunPage } from "./phase.ts";
import { preflightPhase } from "./preflight-phase.ts";
import { retryPhase } from "./retry-phase.ts";
import { rewrapPhase } from "./rewrap-phase.ts";
import { verifyPhase } from "./verify-phase.ts";

const phases: Readonly<Partial<Record<SegmentPhase, RunPage>>> = {
  preflight: preflightPhase,
  census: censusPhase,
  canary: canaryPhase,
  rewrap: rewrapPhase,
  retry: retryPhase,
  follow: followPhase,
  verify: verifyPhase,
};

/** How a page of a segment of that phase is worked at. Throws CAMPAIGN_TARGET_UNKNOWN for records, which hold no wraps. */
export function runPageOf(phase: SegmentPhase): RunPage {
  const run = phases[phase];
  if (run) return run;
  throw new CampaignError("CAMPAIGN_TARGET_UNKNOWN", "a segment of that phase is not one of wraps", {
    context: { phase },
  });
}
