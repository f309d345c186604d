/**
 * Changes of a campaign that exists, and its history.
 *
 * The newest entry of the history stands on the campaign's own item, so status
 * and history change in one write. Before the next change replaces it there, it
 * is copied to an item of its own. Whoever copies writes the same, so a crash
 * between the two leaves an entry twice and never a gap.
 */

import type { CallOptions } from "../dynamodb/call-options.ts";
import { StoreError } from "../errors.ts";
import { integer, text } from "../items/write-values.ts";
import { actOf, changingAttributes, historyItem, readEvent } from "./campaign-items.ts";
import { campaignKey, historyPrefix, requireCampaignId } from "./campaign-keys.ts";
import { releaseLocks } from "./campaign-locks.ts";
import { readRoot } from "./campaign-root.ts";
import { type CampaignTable, notFound, untilWritten } from "./campaign-table.ts";
import {
  type Campaign,
  type CampaignEvent,
  type CampaignTransition,
  type ControlsChange,
  isEnded,
} from "./campaign-types.ts";

export async function readExisting(table: CampaignTable, id: string, options: CallOptions): Promise<Campaign> {
  const root = await readRoot(table, requireCampaignId(id), options);
  if (root.kind === "campaign") return root.campaign;
  throw notFound(id);
}

/** See `CampaignStore.transition`. */
export async function changeStatus(
  table: CampaignTable,
  id: string,
  change: CampaignTransition,
  options: CallOptions,
): Promise<Campaign> {
  const campaign = await readExisting(table, id, options);
  const { from, to, version, set = {} } = change;
  if (campaign.version !== version || campaign.status !== from) throw changed(campaign);
  const { pausedFrom: _, ...rest } = campaign;
  const next: Campaign = {
    ...rest,
    status: to,
    ...(to === "paused" ? { pausedFrom: from } : {}),
    facts: { ...campaign.facts, ...set },
    version: version + 1,
    last: { seq: version + 1, from, to, ...actOf(change) },
  };
  if (!(await replace(table, campaign, next, options))) throw changed(campaign);
  // Locks of a campaign that has ended can be taken over: a release that fails does no harm.
  if (isEnded(to)) await releaseLocks(table, next.locks, { holder: id }, options).catch(() => undefined);
  return next;
}

/** See `CampaignStore.setControls`. */
export function changeControls(
  table: CampaignTable,
  id: string,
  change: ControlsChange,
  options: CallOptions,
): Promise<Campaign> {
  return untilWritten(async () => {
    const campaign = await readExisting(table, id, options);
    const { status, version } = campaign;
    const { controls } = change;
    const last = { seq: version + 1, from: status, to: status, controls, ...actOf(change) };
    const next = { ...campaign, controls, version: version + 1, last };
    return (await replace(table, campaign, next, options)) ? next : undefined;
  });
}

/** See `CampaignStore.history`. */
export async function readHistory(
  table: CampaignTable,
  id: string,
  options: CallOptions,
): Promise<readonly CampaignEvent[]> {
  const { last } = await readExisting(table, id, options);
  const events: CampaignEvent[] = [];
  for await (const item of table.all(id, historyPrefix, options)) events.push(readEvent(item, id));
  // The copies may already hold the newest entry, and, of a change made since, the one after it.
  return [...events.filter(({ seq }) => seq < last.seq), last];
}

/** Whether the campaign was still as it was read, and is now the next one. */
async function replace(
  table: CampaignTable,
  campaign: Campaign,
  next: Campaign,
  options: CallOptions,
): Promise<boolean> {
  // A conflict is the same entry, copied before.
  await table.write({ kind: "insert", ...historyItem(campaign.id, campaign.last) }, options);
  const key = campaignKey(campaign.id);
  const when = { status: text(campaign.status), version: integer(campaign.version) };
  const remove = campaign.pausedFrom !== undefined && next.pausedFrom === undefined ? { remove: ["pausedFrom"] } : {};
  if (await table.write({ kind: "update", key, when, set: changingAttributes(next), ...remove }, options)) return true;
  // A write whose answer was lost is sent again by the SDK and then meets itself.
  const found = await readExisting(table, campaign.id, options);
  return JSON.stringify(eventFields(found.last)) === JSON.stringify(eventFields(next.last));
}

function eventFields({ seq, from, to, at, actor, reason, controls }: CampaignEvent): readonly unknown[] {
  return [seq, from, to, at, actor, reason, controls?.share];
}

function changed({ id, status, version }: Campaign): StoreError {
  return new StoreError("STORE_CAMPAIGN_CHANGED", "the campaign is no longer as it was read", {
    retryable: true,
    context: { campaignId: id, status, version },
  });
}
