/**
 * What a replica Region is owed already, as far as the items tell: the reconciler
 * adds only what no item names. It reads up to 2,000 items, some 200,000 ids;
 * beyond that an id may come to be owed twice, and is paid once.
 */

import type { CallOptions, StateStore } from "@dekhand/store";
import { splitDebt } from "@dekhand/store";

export interface DebtIds {
  readonly dekIds: readonly string[];
  readonly recordIds: readonly string[];
}

export interface KnownDebt {
  /** Those of the ids that no item names; looked up anew for every id that is not known. Throws StoreError. */
  unnamed(ids: DebtIds, options: CallOptions): Promise<DebtIds>;
  /** Writes items for all of these. Throws StoreError. */
  owe(ids: DebtIds, at: string, options: CallOptions): Promise<void>;
}

const maxItems = 2_000;
const pageSize = 250;

export function createKnownDebt(state: Pick<StateStore, "listDebt" | "putDebt">, region: string): KnownDebt {
  let deks: ReadonlySet<string> = new Set();
  let records: ReadonlySet<string> = new Set();

  const read = async ({ signal }: CallOptions) => {
    const dekIds = new Set<string>();
    const recordIds = new Set<string>();
    let cursor: string | undefined;
    let items = 0;
    do {
      const page = await state.listDebt(region, { cursor, limit: pageSize, signal });
      for (const item of page.entries) {
        for (const id of item.dekIds) dekIds.add(id);
        for (const id of item.recordIds) recordIds.add(id);
      }
      items += page.entries.length;
      ({ cursor } = page);
    } while (cursor !== undefined && items < maxItems);
    deks = dekIds;
    records = recordIds;
  };

  const unknown = ({ dekIds, recordIds }: DebtIds): DebtIds => ({
    dekIds: dekIds.filter((id) => !deks.has(id)),
    recordIds: recordIds.filter((id) => !records.has(id)),
  });

  return {
    async unnamed(ids, options) {
      const left = unknown(ids);
      if (left.dekIds.length + left.recordIds.length === 0) return left;
      await read(options);
      return unknown(left);
    },
    async owe({ dekIds, recordIds }, at, options) {
      const items = splitDebt({ region, dekIds, recordIds, at });
      if (items.length > 0) await state.putDebt(items, options);
      deks = new Set([...deks, ...dekIds]);
      records = new Set([...records, ...recordIds]);
    },
  };
}
