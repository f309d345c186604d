/**
 * Debt to replica Regions. Written by every batch of every encryptor before its
 * jobs are acknowledged, so a put costs one call for 25 items and no condition:
 * ids are unique, and an item that comes back after it was settled, because its
 * put was sent again, is paid once more to no effect.
 */

import type { CallOptions } from "../dynamodb/call-options.ts";
import { StoreError } from "../errors.ts";
import { debtCountAttributes, debtItem, debtKey, debtKinds, readDebt, readDebtCounts } from "./debt-items.ts";
import type { DebtStatus, DebtStore } from "./debt-types.ts";
import { listPages } from "./list-pages.ts";
import type { StateItem } from "./state-items.ts";
import type { StateTable } from "./state-table.ts";

const defaultCounted = 2_000;

export function createDebt(table: StateTable, now: () => Date): DebtStore {
  return {
    async putDebt(items, options = {}) {
      // A call that names an item twice is refused as a whole.
      const unique = new Map(items.map((item) => [`${item.region}#${item.id}`, item]));
      await table.putAll([...unique.values()].map(debtItem), options);
    },
    async settleDebt(region, ids, options = {}) {
      const keys = [...new Set(ids)].map((id) => debtKey(region, id));
      await table.removeAll(keys, options);
    },
    async listDebt(region, options = {}) {
      return listPages(table, { kinds: debtKinds(region), read: (item) => readDebt(item, region) }, options);
    },
    async debtStatus(region, { limit = defaultCounted, signal } = {}) {
      const asOf = now().toISOString();
      const kinds = debtKinds(region);
      const each = Math.max(1, Math.ceil(limit / kinds.length));
      const shards = await Promise.all(kinds.map((kind) => oldest(table, { kind, limit: each }, { signal })));
      return { region, asOf, ...count(shards.flatMap(({ items }) => items)), atLeast: shards.some(({ more }) => more) };
    },
  };
}

/** Up to `limit` items of a kind, and whether there are more. */
async function oldest(
  table: StateTable,
  { kind, limit }: { readonly kind: string; readonly limit: number },
  options: CallOptions,
): Promise<{ readonly items: readonly StateItem[]; readonly more: boolean }> {
  const items: StateItem[] = [];
  let after: string | undefined;
  do {
    const attributes = debtCountAttributes;
    const page = await table.page(kind, { ...options, after, limit: limit - items.length + 1, attributes });
    items.push(...page.items);
    after = page.last;
  } while (after !== undefined && items.length <= limit);
  return { items: items.slice(0, limit), more: items.length > limit };
}

function count(items: readonly StateItem[]): Omit<DebtStatus, "region" | "asOf" | "atLeast"> {
  let [records, deks, malformed] = [0, 0, 0];
  let oldestAt: string | undefined;
  for (const item of items) {
    try {
      const counts = readDebtCounts(item);
      records += counts.records;
      deks += counts.deks;
      if (oldestAt === undefined || counts.at < oldestAt) oldestAt = counts.at;
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== "STORE_ITEM_MALFORMED") throw error;
      malformed += 1;
    }
  }
  return { items: items.length, records, deks, malformed, ...(oldestAt === undefined ? {} : { oldestAt }) };
}
