/** Which DEKs a reseal concerns. Stands with the campaign as texts by name, fixed for its life. */

import { isDekId } from "@dekhand/envelope";
import type { Campaign } from "@dekhand/store";
import { CampaignError } from "../errors.ts";

/** DEKs by id (they leaked), or all of a profile that were born before an instant (they are old). */
export type ResealSelection =
  /** 1 to 400 ids. */
  | { readonly deks: readonly string[] }
  /** `createdBefore` is ISO 8601, and not after the campaign was created. */
  | { readonly profile: string; readonly createdBefore: string };

export const MAX_SELECTED_DEKS = 400;

/** As `Campaign.settings` keeps it, beside the campaign's other settings. Throws CAMPAIGN_SETTING_INVALID. */
export function writeResealSelection(selection: ResealSelection): Record<string, string> {
  if ("deks" in selection) return { "reseal.deks": requireDekIds(selection.deks).join(",") };
  const { profile, createdBefore } = selection;
  if (profile === "") throw invalid("reseal.profile");
  return { "reseal.profile": profile, "reseal.createdBefore": requireInstant(createdBefore).toISOString() };
}

/**
 * Throws CAMPAIGN_SETTING_INVALID: what an operator asked for is not guessed at. An instant after the campaign's creation is
 * refused: DEKs that the reseal makes would be selected by it.
 */
export function readResealSelection(campaign: Pick<Campaign, "id" | "settings" | "createdAt">): ResealSelection {
  const { id, settings, createdAt } = campaign;
  const { "reseal.deks": deks, "reseal.profile": profile, "reseal.createdBefore": before } = settings;
  if (deks !== undefined && (profile !== undefined || before !== undefined)) throw invalid("reseal.deks", id);
  if (deks !== undefined) return { deks: requireDekIds(deks.split(","), id) };
  if (profile === undefined || profile === "") throw invalid("reseal.profile", id);
  const instant = requireInstant(before ?? "", id);
  if (instant.getTime() > Date.parse(createdAt)) throw invalid("reseal.createdBefore", id);
  return { profile, createdBefore: instant.toISOString() };
}

/** What consumers allow a job by themselves, in milliseconds. */
export const DEFAULT_JOB_DEADLINE_MS = 11 * 3_600_000;

/** As `Campaign.settings` keeps it: the longest that a worker may hold what it has sealed before that is stored. */
export function writeJobDeadline(jobDeadlineMs: number): Record<string, string> {
  return { "reseal.jobDeadlineMs": String(jobDeadlineMs) };
}

/** In milliseconds. Throws CAMPAIGN_SETTING_INVALID. */
export function readJobDeadline({ id, settings }: Pick<Campaign, "id" | "settings">): number {
  const ms = Number(settings["reseal.jobDeadlineMs"] ?? DEFAULT_JOB_DEADLINE_MS);
  if (Number.isSafeInteger(ms) && ms >= 0) return ms;
  throw invalid("reseal.jobDeadlineMs", id);
}

function requireDekIds(deks: readonly string[], campaignId?: string): readonly string[] {
  const distinct = [...new Set(deks)];
  if (distinct.length > 0 && distinct.length <= MAX_SELECTED_DEKS && distinct.every(isDekId)) return distinct;
  throw invalid("reseal.deks", campaignId);
}

/** `Date.parse` takes much that means something else to somebody else. */
const isoInstant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;

function requireInstant(text: string, campaignId?: string): Date {
  const instant = new Date(isoInstant.test(text) ? text : Number.NaN);
  if (Number.isNaN(instant.getTime())) throw invalid("reseal.createdBefore", campaignId);
  return instant;
}

function invalid(setting: string, campaignId?: string): CampaignError {
  return new CampaignError("CAMPAIGN_SETTING_INVALID", `the campaign's setting ${setting} cannot be used`, {
    context: { ...(campaignId === undefined ? {} : { campaignId }), setting },
  });
}
