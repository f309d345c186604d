/** One page of a segment, from its scan to its checkpoint. */

import { type CampaignStore, type Segment, StoreError, type WrapPage, type WrapScanOptions } from "@dekhand/store";
import { failureReports } from "./failure-reports.ts";
import { type PageStop, troubleOf } from "./page-stop.ts";
import { addPage } from "./rewrap-counts.ts";
import type { RewrapOrder } from "./rewrap-order.ts";
import { rewrapPage } from "./rewrap-page.ts";
import type { RunSegmentOptions } from "./run-segment.ts";
import type { WrapAccess } from "./wrap-access.ts";

export interface PageWork extends WrapAccess {
  readonly campaigns: Pick<CampaignStore, "checkpoint" | "recordFailures">;
  readonly order: RewrapOrder;
  /** ISO 8601. */
  readonly at: () => string;
}

/**
 * - `saved`: the page is done, and the segment as it is now.
 * - `lost`: somebody else has the segment.
 * - `halted`: it was not finished, since the campaign no longer runs.
 * - `stopped`: it was not finished, for an error that concerns more than one wrap.
 *
 * A page that was not finished has no checkpoint: it is run again.
 */
export type PageEnd =
  | { readonly kind: "saved"; readonly segment: Segment }
  | { readonly kind: "lost" }
  | { readonly kind: "halted" }
  | { readonly kind: "stopped"; readonly stop: PageStop };

type Options = Pick<RunSegmentOptions, "signal" | "pageSize" | "concurrency" | "consistent"> & {
  readonly halt: AbortSignal;
};

/** Throws the signal's reason, and StoreErrors of the campaigns table. */
export async function runPage(
  segment: Segment,
  { store, kms, admit, campaigns, order, at }: PageWork,
  { signal, halt, concurrency, pageSize = 200, consistent = false }: Options,
): Promise<PageEnd> {
  const { campaignId, cursor, counts } = segment;
  const scanned = await scan(segment, store, {
    signal,
    pageSize,
    consistent,
    ...(cursor === undefined ? {} : { cursor }),
  });
  if ("stop" in scanned) return { kind: "stopped", stop: scanned.stop };

  const { wraps, malformed } = scanned;
  const now = () => new Date(at());
  const result = await rewrapPage(wraps, order, { kms, store, admit, now }, { signal, halt, concurrency });
  signal?.throwIfAborted();
  const place = { store: store.name, region: store.region, at: at() };
  // Before the checkpoint: a failure that nobody recorded would be passed over for good.
  await campaigns.recordFailures(campaignId, failureReports(place, wraps, result.outcomes, malformed), { signal });
  if (result.stop) return { kind: "stopped", stop: result.stop };
  if (result.outcomes.some(({ kind }) => kind === "left")) return { kind: "halted" };

  const progress = {
    ...(scanned.cursor === undefined ? {} : { cursor: scanned.cursor }),
    counts: addPage(counts, result.outcomes, malformed.length),
    done: scanned.cursor === undefined,
    at: at(),
  };
  return campaigns.checkpoint(segment, progress, { signal });
}

async function scan(
  { index, of }: Segment,
  store: WrapAccess["store"],
  options: WrapScanOptions,
): Promise<WrapPage | { readonly stop: PageStop }> {
  try {
    return await store.scan({ index, of }, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    const trouble = error instanceof StoreError ? troubleOf(error) : undefined;
    if (trouble?.kind === "stop") return { stop: trouble.stop };
    // No wrap is to blame for a scan that is refused: the store, its configuration or the cursor is.
    if (trouble?.kind === "item") return { stop: { kind: "pause", ...trouble.failure } };
    throw error;
  }
}
