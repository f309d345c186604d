import {
  type CampaignRequest,
  type CampaignSettings,
  collectEvidence,
  newCampaignId,
  startCampaign,
  writeSettings,
} from "@dekhand/campaign";
import type { Campaign, CampaignStatus, CampaignTarget } from "@dekhand/store";
import { type CommandContext, note } from "../command-context.ts";
import { followCampaign } from "../commands/campaign/follow-campaign.ts";
import { openCampaigns } from "../commands/campaign/open-campaigns.ts";
import { resolveRequest } from "../commands/campaign/prepare-campaign.ts";
import type { Connection } from "../connect.ts";
import { escapeControl } from "../terminal/escape-control.ts";
import { VERSION } from "../version.ts";
import { type CampaignCounts, countsOf } from "./campaign-counts.ts";

export interface RanCampaign {
  readonly id: string;
  readonly kind: Campaign["kind"];
  readonly state: CampaignStatus;
  /** Why it is in that state, in its own words. */
  readonly reason: string;
  /** Which wraps, and the key and material that they are to be under. */
  readonly targets: readonly CampaignTarget[];
  /** From its start to its end. */
  readonly ms: number;
  /** Of that, how long it waited until no DEK could be born any more under the old key. */
  readonly waitedMs: number;
  readonly counts: CampaignCounts;
  /** Every state that it was in. */
  readonly states: readonly CampaignStatus[];
}

/** A demo has few wraps: each is probed at the end, and more segments than workers would only be shown as waiting. */
const settings: CampaignSettings = { canary: 2, sample: 1, probeBy: "dry-run", segments: 4 };

/** Runs a campaign until it ends or is paused. Throws as `resolveTargets`, `startCampaign` and `followCampaign`. */
export async function runCampaign(
  request: CampaignRequest,
  connection: Connection,
  context: CommandContext,
): Promise<RanCampaign> {
  const { signal } = context;
  const startedAt = performance.now();
  const { targets, locks } = await resolveRequest(connection, { ...request, settings, controls: {} }, { signal });
  const campaigns = await openCampaigns(connection);
  const id = newCampaignId();
  const act = { at: new Date().toISOString(), actor: "demo", reason: "started by the demo" };
  const wanted = { id, kind: request.kind, targets, settings: writeSettings(settings), ...act };
  await startCampaign(campaigns, wanted, locks, { signal });
  const { campaign, waitedMs } = await followCampaign(campaigns, id, context, { everyMs: 200, stalledMs: 120_000 });
  const ms = performance.now() - startedAt;
  note(context, `the campaign is ${campaign.status}: ${escapeControl(campaign.last.reason)}`);

  const software = { name: "dekhand", version: VERSION };
  const evidence = await collectEvidence(campaigns, id, { software, at: new Date().toISOString(), signal });
  return {
    id,
    kind: campaign.kind,
    state: campaign.status,
    reason: campaign.last.reason,
    targets,
    ms: Math.round(ms),
    waitedMs: Math.round(waitedMs),
    counts: countsOf(evidence),
    states: evidence.history.map(({ to }) => to),
  };
}
