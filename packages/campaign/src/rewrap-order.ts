import type { CampaignTarget } from "@dekhand/store";

/** What a campaign wants of the wraps of one store and Region. */
export interface RewrapOrder {
  readonly campaignId: string;
  readonly target: CampaignTarget;
}
