/** What is done to a segment, page by page: one module for each phase, all behind one function type. */

import type {
  CallOptions,
  Campaign,
  CampaignStatus,
  CampaignStore,
  CheckpointOutcome,
  Segment,
  SegmentCounts,
  SegmentPhase,
} from "@dekhand/store";
import type { PageStop } from "../page-stop.ts";
import type { RewrapOrder } from "../rewrap-order.ts";
import type { CampaignSettings } from "../settings.ts";
import type { WrapAccess } from "../wrap-access.ts";

export interface PageWork extends WrapAccess {
  readonly campaigns: Pick<
    CampaignStore,
    "checkpoint" | "recordFailures" | "listFailures" | "getFailure" | "resolveFailure" | "putDocument" | "getDocument"
  >;
  readonly campaign: Campaign;
  readonly order: RewrapOrder;
  readonly settings: CampaignSettings;
  /** ISO 8601. */
  readonly at: () => string;
  /** Saves the checkpoint after a page; without a cursor, the segment is done. */
  save(segment: Segment, cursor: string | undefined, counts: SegmentCounts): Promise<CheckpointOutcome>;
}

/**
 * - `saved`: the page is done, and the segment as it is now.
 * - `lost`: somebody else has the segment.
 * - `halted`: it was not finished, since the campaign is no longer in the status of the phase.
 * - `stopped`: it was not finished, for an error that concerns more than one wrap.
 *
 * A page that was not finished has no checkpoint: it is run again.
 */
export type PageEnd =
  | { readonly kind: "saved"; readonly segment: Segment }
  | { readonly kind: "lost" }
  | { readonly kind: "halted" }
  | { readonly kind: "stopped"; readonly stop: PageStop };

export interface PageOptions extends CallOptions {
  readonly halt: AbortSignal;
  readonly pageSize: number;
  readonly concurrency: number;
  /** For how long wraps may be swapped from now on, in milliseconds. */
  readonly swapWithinMs?: () => number;
  /** Default: as the phase needs it. */
  readonly consistent?: boolean;
}

/** One page of a segment, from its scan to its checkpoint. Throws the signal's reason, and StoreErrors of the campaigns table. */
export type RunPage = (segment: Segment, work: PageWork, options: PageOptions) => Promise<PageEnd>;

/** The status of a campaign in which a segment of that phase is worked at. */
export const PHASE_STATUS: Readonly<Record<SegmentPhase, CampaignStatus>> = {
  preflight: "preflight",
  census: "preflight",
  canary: "canary",
  rewrap: "running",
  retry: "running",
  follow: "running",
  reseal: "running",
  verify: "verifying",
};
