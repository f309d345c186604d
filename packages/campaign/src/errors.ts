import { DekhandError } from "@dekhand/errors";

/**
 * - `CAMPAIGN_TRANSITION_ILLEGAL`: the campaign's status does not allow what is asked for; the message says why.
 * - `CAMPAIGN_TARGET_UNKNOWN`: a segment names a store and Region that its campaign, or the configuration, does not have.
 * - `CAMPAIGN_QUARANTINED`: a wrap's key or KMS context is not what the configuration and its DEK id imply; KMS was not called.
 * - `CAMPAIGN_TARGET_MOVED`: KMS wraps under another key material than the campaign's target.
 * - `CAMPAIGN_REWRAP_UNVERIFIED`: KMS answered for another key than the one it was asked for; nothing was stored.
 * - `CAMPAIGN_SETTING_INVALID`: a setting of the campaign is not one that this version can use.
 * - `CAMPAIGN_WRAP_MISLABELLED`: a wrap is not under the key that its label names, or is damaged.
 * - `CAMPAIGN_WRAP_MALFORMED`: what a store holds in a wrap's place cannot be read as one.
 */
export const CAMPAIGN_ERROR_CODES = [
  "CAMPAIGN_TRANSITION_ILLEGAL",
  "CAMPAIGN_TARGET_UNKNOWN",
  "CAMPAIGN_QUARANTINED",
  "CAMPAIGN_TARGET_MOVED",
  "CAMPAIGN_REWRAP_UNVERIFIED",
  "CAMPAIGN_SETTING_INVALID",
  "CAMPAIGN_WRAP_MISLABELLED",
  "CAMPAIGN_WRAP_MALFORMED",
] as const;

export type CampaignErrorCode = (typeof CAMPAIGN_ERROR_CODES)[number];

export class CampaignError extends DekhandError<CampaignErrorCode> {}
