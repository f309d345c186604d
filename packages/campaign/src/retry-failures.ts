/**
 * Tries a campaign's open failures again, wrap by wrap, each read anew: between
 * sweeps, and at an operator's word. What turns out to be current, gone or
 * another campaign's affair is resolved; what fails again counts one attempt more.
 */

import {
  type CallOptions,
  type CampaignFailure,
  type CampaignStore,
  type CampaignTarget,
  type FailureReport,
  StoreError,
  type WrapRef,
} from "@dekhand/store";
import { failureReports, malformedReport } from "./failure-reports.ts";
import { bringPage } from "./follow/bring-page.ts";
import type { PageStop } from "./page-stop.ts";
import type { RewrapOutcome } from "./rewrap-page.ts";
import type { WrapAccess } from "./wrap-access.ts";

export interface RetryFailuresDeps extends WrapAccess {
  readonly campaigns: Pick<CampaignStore, "listFailures" | "recordFailures" | "resolveFailure">;
  readonly now?: () => Date;
  /** All of the campaign's, which copies follow. Default: none, so that nothing is a copy. */
  readonly targets?: readonly CampaignTarget[];
}

export interface RetryFailuresOptions extends CallOptions {
  /** Failures a page. Default 100. */
  readonly pageSize?: number;
  readonly halt?: AbortSignal | undefined;
  /** As of `rewrapPage`. */
  readonly swapWithinMs?: (() => number) | undefined;
}

export interface RetriedFailures {
  readonly resolved: number;
  readonly failed: number;
  /** Changed by somebody else meanwhile, or not come to: still open. */
  readonly left: number;
  /** Present where the rest was not tried. */
  readonly stop?: PageStop;
}

/** The failures of one store and Region. Throws the signal's reason, and StoreErrors of the campaigns table and of reads. */
export async function retryFailures(
  campaignId: string,
  target: CampaignTarget,
  deps: RetryFailuresDeps,
  { signal, halt, swapWithinMs, pageSize: limit = 100 }: RetryFailuresOptions = {},
): Promise<RetriedFailures> {
  const { campaigns, store, now = () => new Date(), targets = [] } = deps;
  const total = { resolved: 0, failed: 0, left: 0 };
  let cursor: string | undefined;
  do {
    const page = await campaigns.listFailures(campaignId, { state: "open", cursor, limit, signal });
    const own = page.entries.filter((one) => one.store === store.name && one.region === store.region);
    const place = { store: store.name, region: store.region, at: now().toISOString() };
    const { wraps, unread, gone } = await readEach(own, deps, place, { signal });
    const order = { campaignId, target, targets };
    const { outcomes, stop } = await bringPage(wraps, order, { ...deps, now }, { signal, halt, swapWithinMs });
    signal?.throwIfAborted();

    const again = [...failureReports(place, wraps, outcomes), ...unread];
    await campaigns.recordFailures(campaignId, again, { signal });
    const settled = [...gone, ...wraps.filter((_, index) => isSettled(outcomes[index])).map(({ id }) => id)];
    for (const id of settled) await campaigns.resolveFailure(campaignId, { ...place, id }, { signal });
    total.resolved += settled.length;
    total.failed += again.length;
    total.left += own.length - settled.length - again.length;
    if (stop) return { ...total, stop };
    cursor = halt?.aborted ? undefined : page.cursor;
  } while (cursor !== undefined);
  return total;
}

function isSettled(outcome: RewrapOutcome | undefined): boolean {
  return outcome !== undefined && ["swapped", "copied", "current", "other", "gone"].includes(outcome.kind);
}

async function readEach(
  failures: readonly CampaignFailure[],
  { store }: RetryFailuresDeps,
  place: { readonly store: string; readonly region: string; readonly at: string },
  options: CallOptions,
) {
  const wraps: WrapRef[] = [];
  const unread: FailureReport[] = [];
  const gone: string[] = [];
  for (const { id } of failures) {
    try {
      const wrap = await store.read(id, options);
      if (wrap) wraps.push(wrap);
      else gone.push(id);
    } catch (error) {
      if (!(error instanceof StoreError && error.code === "STORE_ITEM_MALFORMED")) throw error;
      unread.push(malformedReport(place, { id, reason: error.message }));
    }
  }
  return { wraps, unread, gone };
}
