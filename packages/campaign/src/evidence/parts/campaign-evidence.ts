import { type Campaign, type CampaignEvent, isEnded } from "@dekhand/store";
import { CampaignError } from "../../errors.ts";
import { readSettings } from "../../settings.ts";
import type { Evidence } from "../schema/evidence-schema.ts";

/** Everything of the item but its newest event, which is in the history. */
export function campaignEvidence(campaign: Campaign): Evidence["campaign"] {
  const { id, kind, status, pausedFrom, targets, settings, controls, facts, locks } = campaign;
  const { createdAt, createdBy, version } = campaign;
  return {
    id,
    kind,
    status,
    ...(pausedFrom === undefined ? {} : { pausedFrom }),
    targets,
    settings,
    controls,
    facts,
    locks,
    createdAt,
    createdBy,
    version,
  };
}

export function timesEvidence({ createdAt }: Campaign, history: readonly CampaignEvent[]): Evidence["times"] {
  const startedAt = history.find(({ from, to }) => from !== to && to === "preflight")?.at;
  const endedAt = history.find(({ to }) => isEnded(to))?.at;
  const durationMs = Date.parse(endedAt ?? "") - Date.parse(startedAt ?? "");
  return {
    createdAt,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(durationMs >= 0 ? { durationMs } : {}),
  };
}

/** Undefined where the settings are not ones that this version can use: evidence is still written, and says so. */
export function verificationEvidence(campaign: Campaign): Evidence["verification"] | undefined {
  try {
    const { probeBy, sample } = readSettings(campaign);
    return { probeBy, sample };
  } catch (error) {
    if (error instanceof CampaignError) return undefined;
    throw error;
  }
}
