import { readSettings } from "../settings.ts";
import { segmentsOf } from "./campaign-view.ts";
import { addSegments, move, onePerTarget, openOf, type Step, sumOf } from "./step.ts";

/** A few wraps of each target are rewrapped and checked; a failure stops there. */
export const canaryStep: Step = async (view, deps, options) => {
  const { canary } = readSettings(view.campaign);
  if (canary === 0) return move(view, { kind: "canary-passed" }, "no canary was asked for", deps, options);
  const segments = segmentsOf(view, "canary");
  if (segments.length === 0) return addSegments(view, onePerTarget(view.campaign, "canary", 1), deps, options);
  const open = openOf(segments);
  if (open.length > 0) return { kind: "work", open };
  const failed = sumOf(segments, "failed");
  const tried = sumOf(segments, "tried");
  if (failed > 0) {
    return move(view, { kind: "canary-failed" }, `${failed} of ${tried} wraps of the canary failed`, deps, options);
  }
  const verified = sumOf(segments, "verified");
  return move(view, { kind: "canary-passed" }, `${verified} wraps are rewrapped and verified`, deps, options);
};
