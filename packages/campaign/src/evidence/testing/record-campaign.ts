/** Campaigns as they stand in their tables at some point, written there without a driver. */

import { randomUUID } from "node:crypto";
import type {
  CampaignKind,
  CampaignStatus,
  CampaignStore,
  CampaignTarget,
  FailureReport,
  SegmentCounts,
  SegmentPhase,
} from "@dekhand/store";
import { preflightDocument } from "../../phases/preflight-findings.ts";
import { type CampaignSettings, DEFAULT_SETTINGS, writeSettings } from "../../settings.ts";

export interface RecordedSegment {
  readonly phase: SegmentPhase;
  readonly counts: SegmentCounts;
  /** Default 1. */
  readonly sweep?: number;
  /** Default 0 of 1. */
  readonly index?: number;
  readonly of?: number;
  /** Default true. */
  readonly done?: boolean;
  /** Of a preflight. */
  readonly document?: string;
}

export interface RecordedCampaign {
  readonly target: CampaignTarget;
  readonly segments: readonly RecordedSegment[];
  readonly kind?: CampaignKind;
  readonly settings?: Partial<CampaignSettings>;
  readonly failures?: readonly (FailureReport & { readonly skippedFor?: string })[];
  /** After `planned`. Default: to the end. */
  readonly way?: readonly CampaignStatus[];
  /** Of every change of status. */
  readonly reason?: string;
}

export const wayToTheEnd: readonly CampaignStatus[] = ["preflight", "canary", "running", "verifying", "complete"];

/** Answers the campaign's id. Its statuses are a minute apart, from 2026-11-02T08:00:00Z on. */
export async function recordCampaign(campaigns: CampaignStore, recorded: RecordedCampaign): Promise<string> {
  const { target, segments, failures = [], kind = "key", way = wayToTheEnd, reason = "as planned" } = recorded;
  const id = randomUUID();
  let minute = 0;
  const act = () => {
    const at = new Date(Date.UTC(2026, 10, 2, 8, minute)).toISOString();
    minute += 1;
    return { at, actor: "ada", reason };
  };
  const settings = writeSettings({ ...DEFAULT_SETTINGS, ...recorded.settings });
  let campaign = await campaigns.create({ id, kind, targets: [target], settings, ...act() }, [`key:${id}`]);
  for (const [position, segment] of segments.entries()) await record(campaigns, id, position + 1, { target, segment });
  for (const { skippedFor, ...failure } of failures) {
    await campaigns.recordFailures(id, [failure]);
    const by = { at: failure.at, actor: "grace", reason: skippedFor ?? "" };
    if (skippedFor !== undefined) await campaigns.skipFailure(id, failure, by);
  }
  for (const to of way) {
    const { version, status: from } = campaign;
    campaign = await campaigns.transition(id, { version, from, to, ...act() });
  }
  return id;
}

async function record(
  campaigns: CampaignStore,
  id: string,
  number: number,
  { target: { store, region }, segment }: { readonly target: CampaignTarget; readonly segment: RecordedSegment },
): Promise<void> {
  const { phase, counts, sweep = 1, index = 0, of = 1, done = true, document } = segment;
  const at = new Date(Date.UTC(2026, 10, 2, 9, 0, number)).toISOString();
  await campaigns.createSegments(id, [{ number, sweep, phase, store, region, index, of }]);
  if (document !== undefined) await campaigns.putDocument(id, preflightDocument(number), document);
  const claimed = await campaigns.claimSegment(id, number, { owner: randomUUID(), at });
  await campaigns.checkpoint(claimed.segment, { counts, done, at });
}

/** As a census counts them. */
export function wraps(keyArn: string | null, material: string | null, swapped: boolean): string {
  return JSON.stringify([keyArn, material, swapped]);
}
