/** Ids of entries that are told by age: UUIDs of version 7, whose text sorts by the time they were made. */

import { isDekId, newDekId } from "@dekhand/envelope";
import { StoreError } from "../errors.ts";
import { requireKeyText } from "../items/keys.ts";

/** For debt items and drills: canonical lower-case text. */
export function newEntryId(): string {
  return newDekId();
}

export function requireEntryId(id: string): string {
  if (isDekId(id)) return id;
  throw new StoreError("STORE_VALUE_INVALID", "an entry's id must be a UUIDv7 in lower case");
}

/** A Region as part of a kind, where `#` separates. */
export function requireRegionName(region: string): string {
  if (!region.includes("#")) return requireKeyText("a Region", region, 64);
  throw new StoreError("STORE_VALUE_INVALID", "a Region's name has no #");
}
