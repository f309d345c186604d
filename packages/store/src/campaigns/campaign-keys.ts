/**
 * The items of the `campaigns` table: partition `campaignId`, sort `item`.
 *
 * Of one campaign: `campaign`, `history#000001`, `segment#00001`,
 * `failure#<store>#<region>#<id>` (a DEK has a wrap in each Region) and
 * `document#<name>`. Beside them `lock#<key>` with its one item, and one
 * partition that lists all campaigns. Ids contain no `#`, so none is mistaken
 * for the other.
 */

import { createHash } from "node:crypto";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { StoreError } from "../errors.ts";
import { isKeyText, MAX_SORT_KEY_BYTES, requireKeyText } from "../items/keys.ts";
import { text } from "../items/write-values.ts";
import type { FailureRef } from "./failure-types.ts";

export type CampaignItem = Readonly<Record<string, AttributeValue>>;

export const campaignItemName = "campaign";
export const lockItemName = "lock";
export const historyPrefix = "history#";
export const segmentPrefix = "segment#";
export const failurePrefix = "failure#";
const documentPrefix = "document#";

/** The partition that lists campaigns: one small item for each. */
export const directoryPartition = "#campaigns";

const maxSegmentNumber = 99_999;

/** Throws STORE_VALUE_INVALID. */
export function requireCampaignId(id: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) return id;
  throw new StoreError("STORE_VALUE_INVALID", "a campaign's id is 1 to 64 of A-Z a-z 0-9 - _");
}

export function itemKey(partition: string, item: string) {
  return { campaignId: text(partition), item: text(item) };
}

export function campaignKey(id: string, item: string = campaignItemName) {
  return itemKey(requireCampaignId(id), item);
}

export function lockKey(lock: string) {
  return itemKey(`lock#${requireKeyText("a lock's key", lock, 1_000)}`, lockItemName);
}

export function directoryKey(id: string) {
  return itemKey(directoryPartition, requireCampaignId(id));
}

export function historyItemName(seq: number): string {
  return `${historyPrefix}${String(seq).padStart(6, "0")}`;
}

export function segmentItemName(number: number): string {
  if (!Number.isInteger(number) || number < 1 || number > maxSegmentNumber) {
    throw new StoreError("STORE_VALUE_INVALID", `a segment's number is a whole one from 1 to ${maxSegmentNumber}`);
  }
  return `${segmentPrefix}${String(number).padStart(5, "0")}`;
}

export function documentItemName(name: string): string {
  return `${documentPrefix}${requireKeyText("a document's name", name, 200)}`;
}

/** Ids that do not fit into a key, which foreign stores may have, are named by their digest. */
export function failureItemName({ store, region, id }: FailureRef): string {
  for (const part of [store, region]) {
    if (!isKeyText(part, 200) || part.includes("#")) {
      throw new StoreError("STORE_VALUE_INVALID", "names of stores and Regions are 1 to 200 bytes without #");
    }
  }
  const prefix = `${failurePrefix}${store}#${region}#`;
  const whole = `${prefix}${id}`;
  if (id !== "" && isKeyText(whole, MAX_SORT_KEY_BYTES)) return whole;
  return `${prefix}sha256#${createHash("sha256").update(id).digest("hex")}`;
}
