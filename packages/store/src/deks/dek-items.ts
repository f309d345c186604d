/**
 * The items of the `deks` table: `dek`, and `wrap#<region>` beside it.
 *
 * Both are validated when they are read. What they say about keys and contexts
 * is passed on as a label; believing it is nobody's business.
 */

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type ItemReader, readItem } from "../items/item-reader.ts";
import { isKeyText, requireKeyText } from "../items/keys.ts";
import { bytes, integer, text, textMap } from "../items/write-values.ts";
import {
  DEK_STATUSES,
  type DekSummary,
  type NewDek,
  type StoredDek,
  type StoredWrap,
  type Wrap,
  type WrapSummary,
} from "./dek-types.ts";

type Item = Readonly<Record<string, AttributeValue>>;

export const dekItemName = "dek";
const wrapPrefix = "wrap#";
const maxIdBytes = 200;

export function wrapItemName(region: string): string {
  return `${wrapPrefix}${requireKeyText("a Region", region, maxIdBytes)}`;
}

export function dekKey(dekId: string, item: string) {
  return { dekId: text(requireKeyText("a DEK id", dekId, maxIdBytes)), item: text(item) };
}

/** Every attribute of a `dek` item beside its key. */
export const dekItemAttributes = [
  "profile",
  "suite",
  "commitment",
  "context",
  "home",
  "createdAt",
  "status",
  "statusAt",
] as const;

/** Every attribute of a `wrap#<region>` item beside its key. */
export const wrapItemAttributes = ["keyArn", "material", "blob", "context", "wrappedAt", "campaign"] as const;

/** A DEK that says nothing of its status is a new one. */
export function dekAttributes(dek: NewDek & Partial<Pick<StoredDek, "status" | "statusAt">>) {
  return {
    profile: text(dek.profile),
    suite: integer(dek.suite),
    commitment: bytes(dek.commitment),
    context: textMap(dek.context),
    home: text(dek.home),
    createdAt: text(dek.createdAt),
    ...dekStatusAttributes(dek),
  };
}

export function dekStatusAttributes({ status = "active", statusAt }: Partial<Pick<StoredDek, "status" | "statusAt">>) {
  return { status: text(status), ...(statusAt === undefined ? {} : { statusAt: text(statusAt) }) };
}

export function wrapAttributes(wrap: Wrap & Pick<StoredWrap, "campaign">) {
  return {
    keyArn: text(wrap.keyArn),
    ...(wrap.material === undefined ? {} : { material: text(wrap.material) }),
    blob: bytes(wrap.blob),
    context: textMap(wrap.context),
    wrappedAt: text(wrap.wrappedAt),
    ...(wrap.campaign === undefined ? {} : { campaign: text(wrap.campaign) }),
  };
}

/**
 * Replaces a wrap that still has the blob that was read. Labels that the new wrap does not have go: they tell of the wrap
 * that was, and left behind they would count this one as another material's or campaign's.
 */
export function wrapReplacement(oldBlob: Uint8Array, next: Omit<StoredWrap, "dekId" | "region" | "context">) {
  const { keyArn, blob, wrappedAt, material, campaign } = next;
  return {
    when: { blob: bytes(oldBlob) },
    set: {
      keyArn: text(keyArn),
      blob: bytes(blob),
      wrappedAt: text(wrappedAt),
      ...(material === undefined ? {} : { material: text(material) }),
      ...(campaign === undefined ? {} : { campaign: text(campaign) }),
    },
    remove: [...(material === undefined ? ["material"] : []), ...(campaign === undefined ? ["campaign"] : [])],
  };
}

/** The attributes that a summary needs: what `dekhand keys` counts, without blobs and contexts. */
export const summaryAttributes = [
  "dekId",
  "item",
  "profile",
  "home",
  "createdAt",
  "status",
  "statusAt",
  "keyArn",
  "material",
  "wrappedAt",
  "campaign",
] as const;

export function readDek(item: Item): StoredDek {
  const { reader, dekId } = open(item);
  return {
    ...dekLabels(reader, dekId),
    suite: reader.integer("suite"),
    commitment: reader.bytes("commitment", 32),
    context: reader.textMap("context"),
  };
}

export function readWrap(item: Item): StoredWrap {
  const { reader, dekId } = open(item);
  return { ...wrapLabels(reader, dekId), blob: reader.bytes("blob"), context: reader.textMap("context") };
}

export function readSummary(
  item: Item,
): { readonly kind: "dek"; readonly dek: DekSummary } | { readonly kind: "wrap"; readonly wrap: WrapSummary } {
  const { reader, dekId } = open(item);
  if (reader.text("item") === dekItemName) return { kind: "dek", dek: dekLabels(reader, dekId) };
  return { kind: "wrap", wrap: wrapLabels(reader, dekId) };
}

/** Keys that may be shown even when the rest of the item is not readable. */
export function itemIds(item: Item): { readonly dekId: string; readonly item: string } {
  return { dekId: item.dekId?.S ?? "", item: item.item?.S ?? "" };
}

function open(item: Item): { reader: ItemReader; dekId: string } {
  const reader = readItem(item, { table: "deks", ...itemIds(item) });
  return { reader, dekId: reader.text("dekId") };
}

function dekLabels(reader: ItemReader, dekId: string): DekSummary {
  const statusAt = reader.optionalText("statusAt");
  return {
    dekId,
    profile: reader.text("profile"),
    home: reader.text("home"),
    createdAt: reader.text("createdAt"),
    status: reader.choice("status", DEK_STATUSES),
    ...(statusAt === undefined ? {} : { statusAt }),
  };
}

function wrapLabels(reader: ItemReader, dekId: string): WrapSummary {
  const item = reader.text("item");
  const region = item.slice(wrapPrefix.length);
  if (!item.startsWith(wrapPrefix) || !isKeyText(region, maxIdBytes)) throw reader.malformed("item");
  const material = reader.optionalText("material");
  const campaign = reader.optionalText("campaign");
  return {
    dekId,
    region,
    keyArn: reader.text("keyArn"),
    wrappedAt: reader.text("wrappedAt"),
    ...(material === undefined ? {} : { material }),
    ...(campaign === undefined ? {} : { campaign }),
  };
}
