import { MAX_DEBT_IDS } from "./debt-items.ts";
import type { DebtItem } from "./debt-types.ts";
import { newEntryId } from "./entry-id.ts";

/**
 * A batch's debt to one Region as items of at most 100 ids each, every id once.
 * Without ids there is none.
 */
export function splitDebt({ region, dekIds, recordIds, at }: Omit<DebtItem, "id">): readonly DebtItem[] {
  const deks = [...new Set(dekIds)];
  const records = [...new Set(recordIds)];
  const items = Math.ceil(Math.max(deks.length, records.length) / MAX_DEBT_IDS);
  return Array.from({ length: items }, (_, index) => {
    const from = index * MAX_DEBT_IDS;
    const to = from + MAX_DEBT_IDS;
    return { id: newEntryId(), region, dekIds: deks.slice(from, to), recordIds: records.slice(from, to), at };
  });
}
