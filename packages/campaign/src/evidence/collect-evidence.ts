/**
 * What a campaign did, as its tables tell it, put into one document that can be
 * checked: docs/evidence.md describes it.
 *
 * It can be collected at any time; before the campaign is complete it says so
 * first. It tells what the campaigns table holds and asks neither KMS nor a wrap
 * store: the proof is the closing census and the probes that it made.
 */

import { type CallOptions, type CampaignStore, StoreError } from "@dekhand/store";
import { sealEvidence } from "./integrity/evidence-hash.ts";
import { campaignEvidence, timesEvidence, verificationEvidence } from "./parts/campaign-evidence.ts";
import { censusBefore, closingCensus } from "./parts/census-evidence.ts";
import { failureEvidence } from "./parts/failure-evidence.ts";
import { preflightEvidence } from "./parts/preflight-evidence.ts";
import { canaryEvidence, progressEvidence } from "./parts/progress-evidence.ts";
import { readSegments } from "./parts/read-all.ts";
import { EVIDENCE_FORMAT, EVIDENCE_VERSION, type Evidence, type EvidenceFacts } from "./schema/evidence-schema.ts";
import { statementOf } from "./statement/statement.ts";

export type EvidenceSource = Pick<CampaignStore, "get" | "history" | "listSegments" | "listFailures" | "getDocument">;

export interface CollectEvidenceOptions extends CallOptions {
  /** What collects it. */
  readonly software: { readonly name: string; readonly version: string };
  /** ISO 8601. */
  readonly at: string;
}

/** With its hash, without a signature. Throws STORE_CAMPAIGN_NOT_FOUND, and StoreErrors as they come. */
export async function collectEvidence(
  campaigns: EvidenceSource,
  id: string,
  { software, at, signal }: CollectEvidenceOptions,
): Promise<Evidence> {
  // First, so that nothing read later is older: a status is never ahead of what stands below it.
  const campaign = await campaigns.get(id, { signal });
  if (!campaign) {
    throw new StoreError("STORE_CAMPAIGN_NOT_FOUND", "no such campaign", { context: { campaignId: id } });
  }
  const history = (await campaigns.history(id, { signal })).filter(({ seq }) => seq <= campaign.version);
  const { segments, unreadable } = await readSegments(campaigns, id, { signal });
  const preflight = await preflightEvidence(campaigns, segments, { signal });
  const failures = await failureEvidence(campaigns, id, { signal });
  const verification = verificationEvidence(campaign);
  const facts: EvidenceFacts = {
    format: EVIDENCE_FORMAT,
    version: EVIDENCE_VERSION,
    software,
    collectedAt: at,
    campaign: campaignEvidence(campaign),
    times: timesEvidence(campaign, history),
    ...(verification === undefined ? {} : { verification }),
    census: { before: censusBefore(segments), closing: closingCensus(segments) },
    preflight,
    canary: canaryEvidence(segments),
    progress: progressEvidence(segments),
    failures,
    unreadableSegments: unreadable,
    history,
  };
  const { format, version, ...rest } = facts;
  return sealEvidence({ format, version, statement: statementOf(facts), ...rest });
}
