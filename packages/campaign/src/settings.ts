/** What is decided about a campaign when it is created, beside its targets. It stands with it as texts by name. */

import type { Campaign } from "@dekhand/store";
import { CampaignError } from "./errors.ts";

/**
 * How a wrap is probed:
 * - `dry-run`: ReEncrypt by dry run shows that it is under the key that it says, with its context, and undamaged. The
 *   role needs no kms:Decrypt; which DEK is in it, it does not show.
 * - `decrypt`: it is unwrapped, and the DEK compared: with its commitment, or with what the wrap of before held.
 */
export type ProbeBy = (typeof PROBES)[number];
export const PROBES = ["dry-run", "decrypt"] as const;

/** So many wraps are probed at the end, about, where the wanted part of all would be fewer: of few wraps it would be none. */
export const LEAST_PROBED = 100;

export interface CampaignSettings {
  /** Wraps of each target that are rewrapped and checked first. */
  readonly canary: number;
  /** The part of the wraps that is probed at the end, above 0 and at most 1; of all wraps at least about a hundred are. */
  readonly sample: number;
  readonly probeBy: ProbeBy;
  /** Segments of each target, where its store can be split into so many. */
  readonly segments: number;
  /**
   * For stores of others: in an operator's words, who has confirmed that the owning application writes with the target, and
   * that its readers may decrypt under it. Dekhand cannot see either.
   */
  readonly confirmed?: string;
}

export const DEFAULT_SETTINGS: CampaignSettings = { canary: 10, sample: 0.01, probeBy: "dry-run", segments: 64 };

/** As `Campaign.settings` keeps them. */
export function writeSettings(settings: CampaignSettings): Record<string, string> {
  const { canary, sample, probeBy, segments, confirmed } = settings;
  return {
    canary: String(canary),
    sample: String(sample),
    probeBy,
    segments: String(segments),
    ...(confirmed === undefined ? {} : { confirmed }),
  };
}

/** Throws CAMPAIGN_SETTING_INVALID: what an operator asked for is not replaced by a default. */
export function readSettings({ id, settings }: Pick<Campaign, "id" | "settings">): CampaignSettings {
  const number = (name: "canary" | "sample" | "segments", isValid: (value: number) => boolean): number => {
    const text = settings[name];
    const value = text === undefined ? DEFAULT_SETTINGS[name] : Number(text);
    if (isValid(value)) return value;
    throw invalid(id, name);
  };
  const { probeBy: text = DEFAULT_SETTINGS.probeBy } = settings;
  const probeBy = PROBES.find((probe) => probe === text);
  if (probeBy === undefined) throw invalid(id, "probeBy");
  return {
    canary: number("canary", (value) => Number.isInteger(value) && value >= 0),
    sample: number("sample", (value) => value > 0 && value <= 1),
    segments: number("segments", (value) => Number.isInteger(value) && value >= 1 && value <= 10_000),
    probeBy,
    ...(settings.confirmed === undefined ? {} : { confirmed: settings.confirmed }),
  };
}

function invalid(campaignId: string, setting: string): CampaignError {
  return new CampaignError("CAMPAIGN_SETTING_INVALID", `the campaign's setting ${setting} cannot be used`, {
    context: { campaignId, setting },
  });
}
