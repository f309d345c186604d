import type { CallOptions, CampaignTarget, WrapRef } from "@dekhand/store";
import { CampaignError } from "../errors.ts";
import type { WrapAccess, WrapCopying } from "../wrap-access.ts";
import { followedHome } from "./followed-wraps.ts";
import { type HomeWrap, type JudgedCopy, judgeCopy } from "./judge-copy.ts";

export interface FollowOrder {
  readonly campaignId: string;
  readonly target: CampaignTarget;
  /** All of the campaign's. */
  readonly targets: readonly CampaignTarget[];
}

export interface ReadHomes {
  /** Undefined for a wrap that follows none. */
  judge(wrap: WrapRef): JudgedCopy | undefined;
}

/**
 * What the home Regions have of these wraps, which have been read before. Throws StoreError, the signal's reason, and
 * CAMPAIGN_TARGET_UNKNOWN where the campaign has no target in a home Region, or the store no copies.
 */
export async function readHomes(
  wraps: readonly WrapRef[],
  { campaignId, target, targets }: FollowOrder,
  { copying, store }: Pick<WrapAccess, "copying"> & { readonly store: Pick<WrapAccess["store"], "name"> },
  options: CallOptions,
): Promise<ReadHomes> {
  const byHome = Map.groupBy(wraps, (wrap) => followedHome(wrap, target));
  const read = new Map<string, { readonly home: CampaignTarget; readonly wraps: ReadonlyMap<string, HomeWrap> }>();
  for (const [region, followed] of byHome) {
    if (region === undefined) continue;
    const home = targets.find((one) => one.store === store.name && one.region === region);
    if (!home) throw unknown(campaignId, region, "the campaign has no target in the Region that copies follow");
    const ids = followed.map(({ id }) => id);
    read.set(region, { home, wraps: await requireCopying(copying, campaignId, region).readHome(region, ids, options) });
  }
  return {
    judge(wrap) {
      const found = read.get(followedHome(wrap, target) ?? "");
      return found && judgeCopy(wrap, found.wraps.get(wrap.id), { campaignId, here: target, home: found.home });
    },
  };
}

/** Throws CAMPAIGN_TARGET_UNKNOWN: in stores of others, nothing is a copy. */
export function requireCopying(copying: WrapCopying | undefined, campaignId: string, region: string): WrapCopying {
  if (copying) return copying;
  throw unknown(campaignId, region, "the store keeps no copies of another Region's wraps");
}

function unknown(campaignId: string, region: string, reason: string): CampaignError {
  return new CampaignError("CAMPAIGN_TARGET_UNKNOWN", reason, { context: { campaignId, region } });
}
