import {
  type CallOptions,
  type Campaign,
  type CampaignStore,
  type Segment,
  type SegmentPhase,
  StoreError,
} from "@dekhand/store";

/** A campaign and its segments, as they stood together. */
export interface CampaignView {
  readonly campaign: Campaign;
  /** In the order of numbers. */
  readonly segments: readonly Segment[];
}

/** Undefined where there is no such campaign, or where it changed while it was read: look again later. */
export async function viewCampaign(
  campaigns: Pick<CampaignStore, "get" | "listSegments">,
  id: string,
  options: CallOptions = {},
): Promise<CampaignView | undefined> {
  const before = await campaigns.get(id, options);
  if (!before) return undefined;
  const segments = await allSegments(campaigns, id, options);
  const campaign = await campaigns.get(id, options);
  return campaign?.version === before.version ? { campaign, segments } : undefined;
}

/** Throws STORE_ITEM_MALFORMED: a segment that cannot be read must not be overlooked. */
export async function allSegments(
  campaigns: Pick<CampaignStore, "listSegments">,
  id: string,
  options: CallOptions = {},
): Promise<readonly Segment[]> {
  const segments: Segment[] = [];
  let cursor: string | undefined;
  do {
    const page = await campaigns.listSegments(id, { ...options, cursor, limit: 1_000 });
    const [item] = page.malformed;
    if (item !== undefined) {
      throw new StoreError("STORE_ITEM_MALFORMED", "a segment of the campaign cannot be read", {
        context: { campaignId: id, item },
      });
    }
    segments.push(...page.entries);
    ({ cursor } = page);
  } while (cursor !== undefined);
  return segments;
}

/** The segments of one phase, of one sweep where that is given. */
export function segmentsOf(view: CampaignView, phase: SegmentPhase, sweep?: number): readonly Segment[] {
  return view.segments.filter((one) => one.phase === phase && (sweep === undefined || one.sweep === sweep));
}

/** The newest sweep that has begun; 0: none yet. */
export function sweepOf({ segments }: CampaignView): number {
  return segments.reduce((newest, { phase, sweep }) => (isSweep(phase) ? Math.max(newest, sweep) : newest), 0);
}

function isSweep(phase: SegmentPhase): boolean {
  return phase === "rewrap" || phase === "reseal";
}
