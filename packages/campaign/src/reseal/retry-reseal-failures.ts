/**
 * Tries a reseal's open failures in one Region again, record by record, each head
 * read anew: between sweeps, and at an operator's word. What turns out to be
 * under another DEK, or gone, is resolved; what fails again counts one attempt more.
 */

import {
  type CampaignFailure,
  type CampaignStore,
  type FailureReport,
  type RecordHead,
  StoreError,
} from "@dekhand/store";
import type { RetriedFailures } from "../retry-failures.ts";
import { oweCopies } from "./owe-copies.ts";
import { malformedHeadReport, RECORDS_STORE, type ResealPlace, resealFailures } from "./reseal-failures.ts";
import { type ResealOutcome, type ResealPageDeps, type ResealPageOptions, resealPage } from "./reseal-page.ts";

export interface RetryResealFailuresDeps extends ResealPageDeps {
  readonly campaigns: Pick<CampaignStore, "listFailures" | "recordFailures" | "resolveFailure">;
  /** ISO 8601. */
  readonly at: () => string;
}

export interface RetryResealFailuresOptions extends ResealPageOptions {
  /** Failures a page. Default 100. */
  readonly pageSize?: number;
}

/** Throws the signal's reason, and StoreErrors of the campaigns table and of reads. */
export async function retryResealFailures(
  campaignId: string,
  { campaigns, at, ...deps }: RetryResealFailuresDeps,
  { pageSize: limit = 100, ...options }: RetryResealFailuresOptions = {},
): Promise<RetriedFailures> {
  const { signal, halt } = options;
  const { region } = deps.access;
  const total = { resolved: 0, failed: 0, left: 0 };
  let cursor: string | undefined;
  do {
    const page = await campaigns.listFailures(campaignId, { state: "open", cursor, limit, signal });
    const own = page.entries.filter((one) => one.store === RECORDS_STORE && one.region === region);
    const place = { region, at: at() };
    const { heads, unread, gone } = await readEach(own, deps, place, signal);
    const { outcomes, stop } = await resealPage(heads, deps, options);
    await oweCopies(heads, outcomes, { state: deps.access.state, at: at() }, { signal });
    signal?.throwIfAborted();

    const again = [...resealFailures(place, heads, outcomes), ...unread];
    await campaigns.recordFailures(campaignId, again, { signal });
    const settled = [
      ...gone,
      ...heads.filter((_, index) => isSettled(outcomes[index])).map(({ recordId }) => recordId),
    ];
    for (const id of settled)
      await campaigns.resolveFailure(campaignId, { store: RECORDS_STORE, region, id }, { signal });
    total.resolved += settled.length;
    total.failed += again.length;
    total.left += own.length - settled.length - again.length;
    if (stop) return { ...total, stop };
    cursor = halt?.aborted ? undefined : page.cursor;
  } while (cursor !== undefined);
  return total;
}

function isSettled(outcome: ResealOutcome | undefined): boolean {
  return outcome !== undefined && ["resealed", "other", "gone"].includes(outcome.kind);
}

async function readEach(
  failures: readonly CampaignFailure[],
  { access: { records } }: ResealPageDeps,
  place: ResealPlace,
  signal: AbortSignal | undefined,
) {
  const heads: RecordHead[] = [];
  const unread: FailureReport[] = [];
  const gone: string[] = [];
  for (const { id } of failures) {
    try {
      const head = await records.getHead(id, { signal });
      if (head) heads.push(head);
      else gone.push(id);
    } catch (error) {
      if (!(error instanceof StoreError && error.code === "STORE_ITEM_MALFORMED")) throw error;
      unread.push(malformedHeadReport(place, { recordId: id, reason: error.message }));
    }
  }
  return { heads, unread, gone };
}
