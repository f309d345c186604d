import { DekhandError } from "@dekhand/errors";

/**
 * - `CAMPAIGN_TRANSITION_ILLEGAL`: the campaign's status does not allow what is asked for; the message says why.
 * - `CAMPAIGN_TARGET_UNKNOWN`: a segment names a store and Region that its campaign, or the configuration, does not have.
 * - `CAMPAIGN_QUARANTINED`: a wrap's key or KMS context is not what the configuration and its DEK id imply; KMS was not called.
 * - `CAMPAIGN_TARGET_MOVED`: KMS wraps under another key material than the campaign's target.
 * - `CAMPAIGN_REWRAP_UNVERIFIED`: KMS answered for another key than the one it was asked for; nothing was stored.
 * - `CAMPAIGN_SETTING_INVALID`: a setting of the campaign is not one that this version can use.
 * - `CAMPAIGN_WRAP_MISLABELLED`: a wrap is not under the key that its label names, or is damaged.
 * - `CAMPAIGN_UNSEEN`: the campaign could not be looked at lately, so that nothing is swapped for it.
 * - `CAMPAIGN_COPY_ORPHANED`: a wrap is a copy, and its home Region has none that could take its place.
 * - `CAMPAIGN_HOME_MOVED`: copies were to follow a Region that is their profile's home no longer.
 * - `CAMPAIGN_WRAP_MALFORMED`: what a store holds in a wrap's place cannot be read as one.
 * - `CAMPAIGN_PLAN_INVALID`: what is asked for contradicts itself; the message says how.
 * - `CAMPAIGN_STORE_UNKNOWN`: there is no wrap store of that name, or none where it is asked for.
 * - `CAMPAIGN_KEY_MISSING`: a key that is named does not exist where it is needed.
 * - `CAMPAIGN_NOT_ROTATED`: the key of a rotation has not been rotated, or nothing tells so.
 * - `CAMPAIGN_EVIDENCE_KEY_UNFIT`: evidence was to be signed by a key that cannot.
 * - `CAMPAIGN_NEW_DEK_UNFIT`: what was to be sealed under a new DEK could not be opened again, or that DEK is itself to be replaced; no record was changed.
 * - `CAMPAIGN_PROBE_STOPPED`: not every wrap could be probed, so nothing is concluded about a key.
 */
export const CAMPAIGN_ERROR_CODES = [
  "CAMPAIGN_TRANSITION_ILLEGAL",
  "CAMPAIGN_TARGET_UNKNOWN",
  "CAMPAIGN_QUARANTINED",
  "CAMPAIGN_TARGET_MOVED",
  "CAMPAIGN_REWRAP_UNVERIFIED",
  "CAMPAIGN_SETTING_INVALID",
  "CAMPAIGN_WRAP_MISLABELLED",
  "CAMPAIGN_UNSEEN",
  "CAMPAIGN_COPY_ORPHANED",
  "CAMPAIGN_HOME_MOVED",
  "CAMPAIGN_WRAP_MALFORMED",
  "CAMPAIGN_PLAN_INVALID",
  "CAMPAIGN_STORE_UNKNOWN",
  "CAMPAIGN_KEY_MISSING",
  "CAMPAIGN_NOT_ROTATED",
  "CAMPAIGN_EVIDENCE_KEY_UNFIT",
  "CAMPAIGN_NEW_DEK_UNFIT",
  "CAMPAIGN_PROBE_STOPPED",
] as const;

export type CampaignErrorCode = (typeof CAMPAIGN_ERROR_CODES)[number];

export class CampaignError extends DekhandError<CampaignErrorCode> {}
