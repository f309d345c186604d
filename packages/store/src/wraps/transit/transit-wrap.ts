/** The wrap for one Region inside a transit key's item. */

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { bytesOf } from "../../items/item-reader.ts";
import { escapeMapKey } from "../../items/map-keys.ts";
import type { StateItem } from "../../state/state-items.ts";
import { malformedWrap, readFoundWrap } from "../found-wrap.ts";
import type { WrapRef } from "../wrap-types.ts";

/** The KMS encryption context that binds a wrap to its transit key. */
export function transitContext(keyId: string): Readonly<Record<string, string>> {
  return { "dekhand:transit": keyId };
}

/** The attribute's name inside the map of wraps. */
export function regionAttribute(region: string): string {
  return escapeMapKey(region);
}

export function hasTransitWrap(item: StateItem, region: string): boolean {
  return placeOf(item, region) !== undefined;
}

/** Throws STORE_ITEM_MALFORMED. */
export function readTransitWrap(item: StateItem, region: string): WrapRef {
  const id = item.id?.S ?? "";
  const members = placeOf(item, region)?.M;
  if (members?.keyArn === undefined) throw malformedWrap(id, "its wraps are no map of wraps with their keys");
  const { blob, keyArn, material, campaign, wrappedAt } = members;
  return readFoundWrap({
    id,
    blob: blob && bytesOf(blob),
    keyArn: label(keyArn),
    material: label(material),
    campaign: label(campaign),
    wrappedAt: label(wrappedAt),
    context: transitContext(id),
  });
}

/** Undefined where there is no wrap; no bytes where it cannot be read. */
export function transitBlob(item: StateItem, region: string): Uint8Array | undefined {
  const place = placeOf(item, region);
  return place && ((place.M?.blob && bytesOf(place.M.blob)) ?? new Uint8Array());
}

/** Where there is no map of wraps, one may have been lost: then something stands there, and cannot be read. */
function placeOf({ wraps }: StateItem, region: string): AttributeValue | undefined {
  if (wraps?.M === undefined) return { NULL: true };
  const name = regionAttribute(region);
  return Object.hasOwn(wraps.M, name) ? wraps.M[name] : undefined;
}

/** Anything but text as what it is, to be refused. */
function label(value: AttributeValue | undefined): unknown {
  return value?.S ?? value;
}
