import type { FailureReport, MalformedWrap, WrapRef } from "@dekhand/store";
import type { RewrapOutcome } from "./rewrap-page.ts";

interface Place {
  readonly store: string;
  readonly region: string;
  /** ISO 8601. */
  readonly at: string;
}

/** What of a page is to be recorded as failed. What cannot be read as a wrap is: a campaign must not complete over it. */
export function failureReports(
  place: Place,
  wraps: readonly WrapRef[],
  outcomes: readonly RewrapOutcome[],
  malformed: readonly MalformedWrap[] = [],
): readonly FailureReport[] {
  const failed = wraps.flatMap(({ id }, index): FailureReport[] => {
    const outcome = outcomes[index];
    return outcome?.kind === "failed" ? [{ ...place, id, ...outcome.failure }] : [];
  });
  return [...failed, ...malformed.map((one) => malformedReport(place, one))];
}

export function malformedReport(place: Place, { id, reason }: MalformedWrap): FailureReport {
  return { ...place, id, class: "malformed", code: "CAMPAIGN_WRAP_MALFORMED", message: reason };
}
