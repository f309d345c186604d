/** What a campaign's own item and its history look like in the table, and how they are read and checked. */

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { StoreError } from "../errors.ts";
import { itemBytes } from "../items/item-bytes.ts";
import { type ItemReader, readItem } from "../items/item-reader.ts";
import { integer, text, textMap } from "../items/write-values.ts";
import { type CampaignItem, historyItemName, itemKey } from "./campaign-keys.ts";
import {
  CAMPAIGN_KINDS,
  CAMPAIGN_STATUSES,
  type Campaign,
  type CampaignAct,
  type CampaignControls,
  type CampaignEvent,
  type CampaignTarget,
  type FollowedWraps,
} from "./campaign-types.ts";

const maxReasonLength = 1_000;
const maxFactsBytes = 16_000;
const maxSettingsBytes = 32_000;
/** What workers read every second has to stay small. */
const maxTargetsBytes = 100_000;

/** What a campaign's item holds beside its key. */
export function campaignAttributes(campaign: Campaign): Readonly<Record<string, AttributeValue>> {
  const targets = { L: campaign.targets.map(targetValue) };
  if (itemBytes({ targets }) > maxTargetsBytes) {
    throw new StoreError("STORE_VALUE_INVALID", `a campaign's targets take at most ${maxTargetsBytes} bytes`);
  }
  const settings = textMap(campaign.settings);
  if (itemBytes({ settings }) > maxSettingsBytes) {
    throw new StoreError("STORE_VALUE_INVALID", `a campaign's settings take at most ${maxSettingsBytes} bytes`);
  }
  return {
    kind: text(campaign.kind),
    targets,
    settings,
    locks: { L: campaign.locks.map(text) },
    createdAt: text(campaign.createdAt),
    createdBy: text(campaign.createdBy),
    ...changingAttributes(campaign),
  };
}

/** Those that change in a campaign's life. `pausedFrom` is only there while it is paused. */
export function changingAttributes(campaign: Campaign): Readonly<Record<string, AttributeValue>> {
  const facts = textMap(campaign.facts);
  if (itemBytes({ facts }) > maxFactsBytes) {
    throw new StoreError("STORE_VALUE_INVALID", `a campaign's facts take at most ${maxFactsBytes} bytes`);
  }
  return {
    status: text(campaign.status),
    version: integer(campaign.version),
    last: { M: eventAttributes(campaign.last) },
    controls: { M: controlsAttributes(campaign.controls) },
    facts,
    ...(campaign.pausedFrom === undefined ? {} : { pausedFrom: text(campaign.pausedFrom) }),
  };
}

export function readCampaign(item: CampaignItem): Campaign {
  const id = item.campaignId?.S ?? "";
  const reader = readItem(item, { table: "campaigns", campaignId: id, item: item.item?.S ?? "" });
  const status = reader.choice("status", CAMPAIGN_STATUSES);
  const pausedFrom = status === "paused" ? reader.choice("pausedFrom", CAMPAIGN_STATUSES) : undefined;
  return {
    id,
    kind: reader.choice("kind", CAMPAIGN_KINDS),
    status,
    ...(pausedFrom === undefined ? {} : { pausedFrom }),
    targets: listOf(item, "targets", reader, ({ M: target }) => target && readTarget(target, id)),
    settings: reader.textMap("settings"),
    controls: readControls(mapAt(item, "controls", reader), id),
    facts: reader.textMap("facts"),
    locks: listOf(item, "locks", reader, ({ S: lock }) => lock),
    createdAt: reader.text("createdAt"),
    createdBy: reader.text("createdBy"),
    version: reader.integer("version", 1),
    last: readEvent(mapAt(item, "last", reader), id),
  };
}

/** A campaign's history but for its newest entry, which stands on its own item. */
export function historyItem(campaignId: string, event: CampaignEvent) {
  return { key: itemKey(campaignId, historyItemName(event.seq)), item: eventAttributes(event) };
}

export function readEvent(item: CampaignItem, campaignId: string): CampaignEvent {
  const reader = readItem(item, { table: "campaigns", campaignId, part: "history" });
  const from = item.from === undefined ? undefined : reader.choice("from", CAMPAIGN_STATUSES);
  const controls = item.controls === undefined ? undefined : readControls(mapAt(item, "controls", reader), campaignId);
  return {
    seq: reader.integer("seq", 1),
    ...(from === undefined ? {} : { from }),
    to: reader.choice("to", CAMPAIGN_STATUSES),
    ...readAct(reader),
    ...(controls === undefined ? {} : { controls }),
  };
}

export function readAct(reader: ItemReader): CampaignAct {
  return { at: reader.text("at"), actor: reader.text("actor"), reason: reader.text("reason") };
}

/** A reason is a sentence; a longer one is cut, since an act that cannot be written down helps nobody. */
export function actOf({ at, actor, reason }: CampaignAct): CampaignAct {
  return { at, actor: cut(actor, 200), reason: cut(reason, maxReasonLength) };
}

export function actAttributes({ at, actor, reason }: CampaignAct) {
  return { at: text(at), actor: text(actor), reason: text(reason) };
}

/** At most so many UTF-16 units, and no half character. */
export function cut(value: string, length: number): string {
  return value.slice(0, length).toWellFormed();
}

function eventAttributes(event: CampaignEvent): Record<string, AttributeValue> {
  return {
    seq: integer(event.seq),
    to: text(event.to),
    ...actAttributes(event),
    ...(event.from === undefined ? {} : { from: text(event.from) }),
    ...(event.controls === undefined ? {} : { controls: { M: controlsAttributes(event.controls) } }),
  };
}

function controlsAttributes({ share }: CampaignControls): Record<string, AttributeValue> {
  if (share === undefined) return {};
  if (!isShare(share)) {
    throw new StoreError("STORE_VALUE_INVALID", "a campaign's share is a number above 0 and at most 1");
  }
  return { share: { N: String(share) } };
}

function readControls(item: CampaignItem, campaignId: string): CampaignControls {
  if (item.share === undefined) return {};
  const share = Number(item.share.N);
  if (!isShare(share)) throw readItem(item, { table: "campaigns", campaignId }).malformed("share");
  return { share };
}

function isShare(share: number): boolean {
  return share > 0 && share <= 1;
}

function targetValue(target: CampaignTarget): AttributeValue {
  const { store, region, sources, keyArn, material, rotatedAt, follows } = target;
  return {
    M: {
      store: text(store),
      region: text(region),
      sources: { L: sources.map(text) },
      keyArn: text(keyArn),
      ...(material === undefined ? {} : { material: text(material) }),
      ...(rotatedAt === undefined ? {} : { rotatedAt: text(rotatedAt) }),
      ...(follows === undefined
        ? {}
        : { follows: { M: { homes: textMap(follows.homes), all: { BOOL: follows.all } } } }),
    },
  };
}

function readTarget(item: CampaignItem, campaignId: string): CampaignTarget {
  const reader = readItem(item, { table: "campaigns", campaignId, part: "target" });
  const material = reader.optionalText("material");
  const rotatedAt = reader.optionalText("rotatedAt");
  return {
    store: reader.text("store"),
    region: reader.text("region"),
    sources: listOf(item, "sources", reader, ({ S: source }) => source),
    keyArn: reader.text("keyArn"),
    ...(material === undefined ? {} : { material }),
    ...(rotatedAt === undefined ? {} : { rotatedAt }),
    ...(item.follows === undefined ? {} : { follows: readFollows(mapAt(item, "follows", reader), campaignId) }),
  };
}

function readFollows(item: CampaignItem, campaignId: string): FollowedWraps {
  const reader = readItem(item, { table: "campaigns", campaignId, part: "follows" });
  const all = item.all?.BOOL;
  if (all === undefined) throw reader.malformed("all");
  return { homes: reader.textMap("homes"), all };
}

function listOf<T>(
  item: CampaignItem,
  name: string,
  reader: ItemReader,
  read: (value: AttributeValue) => T | undefined,
): readonly T[] {
  const values = item[name]?.L?.map(read);
  if (values === undefined) throw reader.malformed(name);
  return values.map((value) => {
    if (value === undefined) throw reader.malformed(name);
    return value;
  });
}

function mapAt(item: CampaignItem, name: string, reader: ItemReader): CampaignItem {
  const members = item[name]?.M;
  if (members === undefined) throw reader.malformed(name);
  return members;
}
