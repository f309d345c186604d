import type { CallOptions, Campaign, CampaignStore, NewCampaign } from "@dekhand/store";
import { v7 } from "uuid";
import { applyTrigger } from "./apply-trigger.ts";

/** Ids sort by the time they were made, and campaigns are listed by them. */
export function newCampaignId(): string {
  return v7();
}

/**
 * Creates a campaign, which takes its locks, and starts it. The same campaign again is started once: what a crash left
 * `planned` is started, and one that is further on is left as it is. Throws as `CampaignStore.create`.
 */
export async function startCampaign(
  campaigns: Pick<CampaignStore, "create" | "transition">,
  wanted: NewCampaign,
  locks: readonly string[],
  options: CallOptions = {},
): Promise<Campaign> {
  const campaign = await campaigns.create(wanted, locks, options);
  if (campaign.status !== "planned") return campaign;
  const { at, actor, reason } = wanted;
  return applyTrigger(campaigns, campaign, { kind: "start" }, { at, actor, reason }, options);
}
