import { segmentsOf, sweepOf } from "./campaign-view.ts";
import { addSegments, move, onePerTarget, openOf, type Step, sumOf, targetsIn, wantedSweep } from "./step.ts";
import { wrapSegments } from "./wrap-segments.ts";

/** A sweep over all wraps, then its failures once more; after that, copies are brought to what was made of their wraps. */
export const runningStep: Step = async (view, deps, options) => {
  const sweep = wantedSweep(view.campaign);
  if (sweepOf(view) < sweep) {
    return addSegments(view, await wrapSegments(view, "rewrap", sweep, deps.campaigns, options), deps, options);
  }
  const open = openOf((["rewrap", "retry", "follow"] as const).flatMap((phase) => segmentsOf(view, phase, sweep)));
  if (open.length > 0) return { kind: "work", open };

  const isRetried = segmentsOf(view, "retry", sweep).length > 0;
  const { open: failures } = await deps.campaigns.countFailures(view.campaign.id, options);
  if (failures > 0 && !isRetried) {
    return addSegments(view, onePerTarget(view.campaign, "retry", sweep), deps, options);
  }
  const copies = segmentsOf(view, "follow", sweep);
  if (copies.length === 0 && targetsIn(view.campaign, "follow").length > 0) {
    return addSegments(view, await wrapSegments(view, "follow", sweep, deps.campaigns, options), deps, options);
  }
  const swapped = sumOf(segmentsOf(view, "rewrap", sweep), "swapped");
  const left = failures === 0 ? "" : `; ${failures} failures are open`;
  // What was swapped just before a worker died has no checkpoint, and is found current by whoever goes on.
  const copied = copies.length === 0 ? "" : ` and ${sumOf(copies, "copied")} copies`;
  const reason = `sweep ${sweep} is over; its checkpoints tell of ${swapped} swaps${copied}${left}`;
  return move(view, { kind: "swept" }, reason, deps, options);
};
