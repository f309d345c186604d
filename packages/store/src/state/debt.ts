/**
 * Debt to replica Regions. Written by every batch of every encryptor before its
 * jobs are acknowledged, so a put costs one call for 25 items and no condition:
 * ids are unique, and an item that comes back after it was settled, because its
 * put was sent again, is paid once more to no effect.
 */

import { countDebt } from "./count-debt.ts";
import { debtItem, debtKey, debtKinds, readDebt } from "./debt-items.ts";
import type { DebtStore } from "./debt-types.ts";
import { listPages } from "./list-pages.ts";
import type { StateTable } from "./state-table.ts";

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
    async debtStatus(region, options = {}) {
      const asOf = now().toISOString();
      const counted = await countDebt(table, debtKinds(region), options);
      return { region, asOf, ...counted };
    },
  };
}
