import type { FailureReport, MalformedHead, RecordHead } from "@dekhand/store";
import type { ResealOutcome } from "./reseal-page.ts";

/** What a segment of records, and a failure of one, names as its store. */
export const RECORDS_STORE = "records";

export interface ResealPlace {
  readonly region: string;
  /** ISO 8601. */
  readonly at: string;
}

/** What of a page is to be recorded as failed. A head that cannot be read is: nobody knows under which DEK the record is. */
export function resealFailures(
  place: ResealPlace,
  heads: readonly RecordHead[],
  outcomes: readonly ResealOutcome[],
): readonly FailureReport[] {
  return heads.flatMap(({ recordId: id }, index): FailureReport[] => {
    const outcome = outcomes[index];
    return outcome?.kind === "failed" ? [{ store: RECORDS_STORE, ...place, id, ...outcome.failure }] : [];
  });
}

export function malformedHeadReport(
  place: ResealPlace,
  { recordId: id, reason: message }: Pick<MalformedHead, "recordId" | "reason">,
): FailureReport {
  return { store: RECORDS_STORE, ...place, id, class: "malformed", code: "STORE_ITEM_MALFORMED", message };
}
