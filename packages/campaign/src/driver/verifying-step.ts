/** The closing census and what follows from it: the end, another sweep, or a pause for an operator. */

import { BIRTH_DEADLINE_MS } from "@dekhand/deks";
import { segmentsOf } from "./campaign-view.ts";
import { addSegments, anotherSweep, move, openOf, type Step, sumOf, targetsIn, wantedSweep } from "./step.ts";
import { wrapSegments } from "./wrap-segments.ts";

/**
 * `left` tells for how long this process knows that the keys are marked as left, in milliseconds: a DEK whose birth began
 * before is durable, or wiped, one birth deadline later. `swept`: for how long it knows of the end of the sweep. A copy that
 * is on its way to a replica Region, of what home had before, is there or given up one birth deadline later.
 */
export function verifyingStep({
  left,
  swept,
}: Readonly<Record<"left" | "swept", { readonly knownForMs: number }>>): Step {
  return async (view, deps, options) => {
    const sweep = wantedSweep(view.campaign);
    const segments = segmentsOf(view, "verify", sweep);
    if (segments.length === 0) {
      const waitMs = BIRTH_DEADLINE_MS - left.knownForMs;
      if (view.campaign.kind === "key" && waitMs > 0) {
        return { kind: "waits", what: "until no DEK can be born any more under a key that was left" };
      }
      if (targetsIn(view.campaign, "follow").length > 0 && swept.knownForMs < BIRTH_DEADLINE_MS) {
        return { kind: "waits", what: "until no older copy of a wrap can arrive any more in a replica Region" };
      }
      return addSegments(view, await wrapSegments(view, "verify", sweep, deps.campaigns, options), deps, options);
    }
    const open = openOf(segments);
    if (open.length > 0) return { kind: "work", open };

    const wrong = sumOf(segments, "swappedMislabelled");
    if (wrong > 0) {
      const reason = `${wrong} wraps that this campaign swapped are not what they should be`;
      return move(view, { kind: "verification-failed" }, reason, deps, options);
    }
    const stale = sumOf(segments, "stale");
    const failures = await deps.campaigns.countFailures(view.campaign.id, options);
    const unresolvedFailures = failures.open + failures.malformed;
    // Somebody has looked at what was left, and asked to go on: it is tried once more.
    const isResumed = view.campaign.last.from === "paused";
    if (stale > 0 || (unresolvedFailures > 0 && isResumed)) {
      if (sweep < deps.options.maxSweeps || isResumed) {
        const reason = `the closing census has found ${stale} wraps to rewrap, and ${unresolvedFailures} failures`;
        return anotherSweep(view, reason, deps, options);
      }
      const reason = `after ${sweep} sweeps, ${stale} wraps are still to be rewrapped`;
      return move(view, { kind: "systemic-error" }, reason, deps, options);
    }
    if (unresolvedFailures > 0) {
      const reason = `failures are unresolved: ${unresolvedFailures}. Retry or skip them, then resume`;
      return move(view, { kind: "systemic-error" }, reason, deps, options);
    }
    const probed = sumOf(segments, "probed");
    const skipped = failures.skipped === 0 ? "" : `, but for ${failures.skipped} that an operator skipped`;
    const reason = `nothing is left to rewrap${skipped}; wraps probed: ${probed}`;
    return move(view, { kind: "verified", unresolvedFailures }, reason, deps, options);
  };
}
