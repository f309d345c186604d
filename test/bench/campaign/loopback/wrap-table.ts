/** A table in memory, with the keys of Dekhand's `deks` table. */

import type { WireItem, WireValue } from "../wire-items.ts";

export interface WrapTable {
  readonly items: readonly WireItem[];
  /** Where the item of that key stands; undefined: nowhere. */
  find(key: WireItem): number | undefined;
  put(item: WireItem): void;
}

export function createWrapTable(): WrapTable {
  const items: WireItem[] = [];
  const places = new Map<string, number>();
  return {
    items,
    find: (key) => places.get(keyText(key)),
    put(item) {
      const key = keyText(item);
      const place = places.get(key) ?? items.length;
      places.set(key, place);
      items[place] = item;
    },
  };
}

export function sameValue(one: WireValue | undefined, other: WireValue | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function keyText({ dekId, item }: WireItem): string {
  return `${dekId?.S} ${item?.S}`;
}
