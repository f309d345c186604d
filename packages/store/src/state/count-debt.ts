/**
 * Counts a Region's debt, all shards at once, each from its oldest item on. What
 * bounds it is time: a bound on items would hide how much there is just when it
 * is much.
 */

import { StoreError } from "../errors.ts";
import { debtCountAttributes, readDebtCounts } from "./debt-items.ts";
import type { DebtStatus, DebtStatusOptions } from "./debt-types.ts";
import type { StateItem } from "./state-items.ts";
import type { StateTable } from "./state-table.ts";

type DebtCounts = Omit<DebtStatus, "region" | "asOf">;

const defaultBudgetMs = 2_000;

/** Throws StoreError, and the signal's reason. */
export async function countDebt(
  table: StateTable,
  kinds: readonly string[],
  { limit = Number.POSITIVE_INFINITY, budgetMs = defaultBudgetMs, until, signal }: DebtStatusOptions,
): Promise<DebtCounts> {
  const each = Math.max(1, Math.ceil(limit / kinds.length));
  const endsAt = performance.now() + budgetMs;
  let [items, records, deks, malformed, atLeast] = [0, 0, 0, 0, false];
  let oldestAt: string | undefined;
  const add = (item: StateItem) => {
    const counts = countsOf(item);
    // An item's id may be younger than its debt, so that none can be passed over by its id.
    if (counts && until !== undefined && counts.at > until) return;
    items += 1;
    if (!counts) {
      malformed += 1;
      return;
    }
    records += counts.records;
    deks += counts.deks;
    if (oldestAt === undefined || counts.at < oldestAt) oldestAt = counts.at;
  };
  const countShard = async (kind: string): Promise<void> => {
    let after: string | undefined;
    let left = each;
    do {
      const bound = Number.isFinite(left) ? { limit: left + 1 } : {};
      const page = await table.page(kind, { signal, after, attributes: debtCountAttributes, ...bound });
      for (const item of page.items.slice(0, left)) add(item);
      left -= page.items.length;
      after = page.last;
    } while (after !== undefined && left >= 0 && performance.now() < endsAt);
    if (after !== undefined || left < 0) atLeast = true;
  };
  await Promise.all(kinds.map(countShard));
  return { items, records, deks, malformed, atLeast, ...(oldestAt === undefined ? {} : { oldestAt }) };
}

/** Undefined: it cannot be read. */
function countsOf(item: StateItem): ReturnType<typeof readDebtCounts> | undefined {
  try {
    return readDebtCounts(item);
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "STORE_ITEM_MALFORMED") throw error;
    return undefined;
  }
}
