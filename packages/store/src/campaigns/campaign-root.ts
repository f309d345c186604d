/**
 * A campaign's own item, and the mark in its place that stops a creation which
 * was given up.
 *
 * States of the item:
 * - absent: no campaign, or one that is being created and holds locks already.
 * - abandoned: somebody took a lock from a creation that never came to its end.
 *   The mark is new each time, and who creates makes the item conditional on
 *   what it was before the first lock: so a creation that only slept does not
 *   create its campaign after its lock was taken.
 * - campaign: it exists; it never goes back to the other two.
 */

import type { CallOptions } from "../dynamodb/call-options.ts";
import { readItem } from "../items/item-reader.ts";
import { text } from "../items/write-values.ts";
import type { Attributes } from "../writer/conditional-write.ts";
import { campaignAttributes, readCampaign } from "./campaign-items.ts";
import { campaignItemName, campaignKey } from "./campaign-keys.ts";
import type { CampaignTable } from "./campaign-table.ts";
import type { Campaign } from "./campaign-types.ts";

export type CampaignRoot =
  | { readonly kind: "absent" }
  | { readonly kind: "abandoned"; readonly mark: string }
  | {
      readonly kind: "campaign";
      readonly campaign: Campaign;
      /** Of the creation that made it. */
      readonly creation: string;
    };

const abandoned = "abandoned";

export async function readRoot(table: CampaignTable, id: string, options: CallOptions): Promise<CampaignRoot> {
  const item = await table.get(id, campaignItemName, options);
  if (!item) return { kind: "absent" };
  const reader = readItem(item, { table: "campaigns", campaignId: id });
  if (item.status?.S === abandoned) return { kind: "abandoned", mark: reader.text("mark") };
  return { kind: "campaign", campaign: readCampaign(item), creation: reader.text("creation") };
}

/** Makes the item, if it still is what it was `before`; false when it is not. */
export async function writeRoot(
  table: CampaignTable,
  campaign: Campaign,
  creation: string,
  before: CampaignRoot,
  options: CallOptions,
): Promise<boolean> {
  const attributes = { ...campaignAttributes(campaign), creation: text(creation) };
  return put(table, campaign.id, attributes, before, options);
}

/** Puts the mark in the campaign's place, if it still is what it was `before`; undefined when it is not. */
export async function abandonRoot(
  table: CampaignTable,
  id: string,
  mark: string,
  before: CampaignRoot,
  options: CallOptions,
): Promise<CampaignRoot | undefined> {
  const done = await put(table, id, { status: text(abandoned), mark: text(mark) }, before, options);
  return done ? { kind: "abandoned", mark } : undefined;
}

async function put(
  table: CampaignTable,
  id: string,
  attributes: Attributes,
  before: CampaignRoot,
  options: CallOptions,
): Promise<boolean> {
  const key = campaignKey(id);
  if (before.kind === "absent") return table.write({ kind: "insert", key, item: attributes }, options);
  if (before.kind === "campaign") return false;
  const when = { status: text(abandoned), mark: text(before.mark) };
  return table.write({ kind: "update", key, when, set: attributes }, options);
}
