/** Segments of records, page by page: sealed again, and what failed once more. */

import type { CampaignStore, Segment } from "@dekhand/store";
import type { PageEnd, PageOptions, PageWork } from "../phases/phase.ts";
import { scanPage } from "../phases/scan-page.ts";
import type { JudgeDek } from "./judge-dek.ts";
import { oweCopies } from "./owe-copies.ts";
import type { ResealAccess } from "./reseal-access.ts";
import { addResealed } from "./reseal-counts.ts";
import { malformedHeadReport, resealFailures } from "./reseal-failures.ts";
import { resealPage } from "./reseal-page.ts";
import { retryResealFailures } from "./retry-reseal-failures.ts";

export interface ResealWork extends Pick<PageWork, "at" | "save"> {
  readonly campaigns: Pick<CampaignStore, "recordFailures" | "listFailures" | "resolveFailure">;
  readonly access: ResealAccess;
  readonly judge: JudgeDek;
}

export type ResealPageOptions = PageOptions & {
  /** Envelopes in memory at once, in bytes. */
  readonly roomBytes?: number;
};

/** One page of records, from its scan to its checkpoint. Throws the signal's reason, and StoreErrors of the campaigns table. */
export async function resealPhase(
  segment: Segment,
  { access, judge, campaigns, at, save }: ResealWork,
  { pageSize, consistent, ...options }: ResealPageOptions,
): Promise<PageEnd> {
  const { signal } = options;
  // What a first sweep missed, a later one must not.
  const scanned = await scanPage(segment, (...scan) => access.records.scanHeads(...scan), {
    signal,
    pageSize,
    consistent: consistent ?? segment.sweep > 1,
  });
  if ("stop" in scanned) return { kind: "stopped", stop: scanned.stop };

  const { heads, malformed, cursor } = scanned;
  const { outcomes, stop } = await resealPage(heads, { access, judge }, options);
  await oweCopies(heads, outcomes, { state: access.state, at: at() }, { signal });
  signal?.throwIfAborted();
  const place = { region: access.region, at: at() };
  const unread = malformed.map((one) => malformedHeadReport(place, one));
  const failed = [...resealFailures(place, heads, outcomes), ...unread];
  // Before the checkpoint: a failure that nobody recorded would be passed over for good.
  await campaigns.recordFailures(segment.campaignId, failed, { signal });
  if (stop) return { kind: "stopped", stop };
  if (outcomes.some(({ kind }) => kind === "left")) return { kind: "halted" };
  return save(segment, cursor, addResealed(segment.counts, outcomes, malformed.length));
}

/** The failures of one Region's records, tried again. Throws likewise. */
export async function retryResealPhase(
  segment: Segment,
  work: ResealWork,
  { pageSize: _, ...options }: ResealPageOptions,
): Promise<PageEnd> {
  const { stop, ...counts } = await retryResealFailures(segment.campaignId, work, options);
  if (stop) return { kind: "stopped", stop };
  if (options.halt.aborted) return { kind: "halted" };
  return work.save(segment, undefined, counts);
}
