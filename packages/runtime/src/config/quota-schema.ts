import { z } from "zod";
import type { QuotaConfig } from "./deployment-config.ts";
import { fields } from "./fields.ts";
import { lookup } from "./lookup.ts";
import { regionName } from "./region-name.ts";

const DEFAULT_SHARE = 0.5;
export const DEFAULT_RESERVE = 0.2;
/** Of what the reserve leaves. The rest is for copies to other Regions, which a campaign then cannot starve. */
const DEFAULT_CAMPAIGN = 0.75;

const callsPerSecond = fields.wholeNumber({ min: 1, max: 10_000_000 });

/** `quota` of the configuration file, as it is written. What its settings demand of each other: deployment-relations.ts. */
export const quotaSchema = z.strictObject({
  share: fields.fraction({ above: 0, max: 1 }).optional(),
  callsPerSecond: callsPerSecond.optional(),
  reserve: fields.fraction({ min: 0, below: 1 }).default(DEFAULT_RESERVE),
  campaign: fields.fraction({ above: 0, max: 1 }).optional(),
  floor: fields.fraction({ min: 0, max: 1 }).default(0.1),
  workers: fields.wholeNumber({ min: 1, max: 10_000 }).default(10),
  source: fields.choice(["defaults", "service-quotas"]).default("defaults"),
  regions: z.record(regionName, callsPerSecond).default({}),
});

export function toQuota(written: z.output<typeof quotaSchema>): QuotaConfig {
  const { share, callsPerSecond, reserve, campaign, floor, workers, source, regions } = written;
  return {
    share: callsPerSecond === undefined ? { part: share ?? DEFAULT_SHARE } : { callsPerSecond },
    reserve,
    campaign: campaign ?? defaultCampaign(reserve),
    floor,
    workers,
    source,
    regions: lookup(Object.entries(regions), (quota) => quota),
  };
}

/** In six digits: 0.75 * (1 - 0.2) is 0.6000000000000001 to a computer, and people read this number. */
function defaultCampaign(reserve: number): number {
  return Number((DEFAULT_CAMPAIGN * (1 - reserve)).toPrecision(6));
}
