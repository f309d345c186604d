import { CampaignError } from "../errors.ts";

/** Concerns every record that would come under that DEK, so it stops the page. */
export function newDekUnfit(reason: string, dekId: string, cause?: unknown): CampaignError {
  return new CampaignError("CAMPAIGN_NEW_DEK_UNFIT", reason, {
    context: { dekId },
    ...(cause === undefined ? {} : { cause }),
  });
}
