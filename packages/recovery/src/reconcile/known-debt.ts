/**
 * What a replica Region is owed already, as far as the items tell: the reconciler
 * adds only what no item names. It reads up to 2,000 items, some 200,000 ids;
 * beyond that an id may come to be owed twice, and is paid once. So it may where an
 * item was written since the last reading: reading takes its time where debt is
 * much, and is not repeated for each page then.
 */

import { type Clock, systemClock } from "@dekhand/runtime";
import type { CallOptions, StateStore } from "@dekhand/store";
import { splitDebt } from "@dekhand/store";

export interface DebtIds {
  readonly dekIds: readonly string[];
  readonly recordIds: readonly string[];
}

export interface UnnamedOptions extends CallOptions {
  /** Read the items now, whenever they were read last. Default false. */
  readonly isAnew?: boolean;
}

export interface KnownDebt {
  /** Those of the ids that no item names. Throws StoreError. */
  unnamed(ids: DebtIds, options: UnnamedOptions): Promise<DebtIds>;
  /** Writes items for all of these. Throws StoreError. */
  owe(ids: DebtIds, at: string, options: CallOptions): Promise<void>;
}

const maxItems = 2_000;
const pageSize = 250;
/** A reading serves for so many times as long as it took, and no longer than `maxServesMs`. */
const servesPerReading = 20;
const maxServesMs = 30_000;

interface Named {
  readonly dekIds: Set<string>;
  readonly recordIds: Set<string>;
}

export function createKnownDebt(
  state: Pick<StateStore, "listDebt" | "putDebt">,
  region: string,
  clock: Pick<Clock, "monotonic"> = systemClock,
): KnownDebt {
  let named = nothing();
  let servesUntil = Number.NEGATIVE_INFINITY;
  /** Those that are under way: what is owed meanwhile is theirs, too. */
  const readings = new Set<Named>();

  const read = async ({ signal }: CallOptions) => {
    const beganAt = clock.monotonic();
    const found = nothing();
    readings.add(found);
    try {
      let cursor: string | undefined;
      let items = 0;
      do {
        const page = await state.listDebt(region, { cursor, limit: pageSize, signal });
        for (const item of page.entries) add(found, item);
        items += page.entries.length;
        ({ cursor } = page);
      } while (cursor !== undefined && items < maxItems);
    } finally {
      readings.delete(found);
    }
    named = found;
    const endedAt = clock.monotonic();
    servesUntil = endedAt + Math.min(maxServesMs, servesPerReading * (endedAt - beganAt));
  };

  const unknown = ({ dekIds, recordIds }: DebtIds): DebtIds => ({
    dekIds: dekIds.filter((id) => !named.dekIds.has(id)),
    recordIds: recordIds.filter((id) => !named.recordIds.has(id)),
  });

  return {
    async unnamed(ids, { isAnew = false, ...options }) {
      const left = unknown(ids);
      if (left.dekIds.length + left.recordIds.length === 0) return left;
      if (!isAnew && clock.monotonic() < servesUntil) return left;
      await read(options);
      return unknown(left);
    },
    async owe(ids, at, options) {
      const items = splitDebt({ region, ...ids, at });
      if (items.length > 0) await state.putDebt(items, options);
      for (const one of [named, ...readings]) add(one, ids);
    },
  };
}

function nothing(): Named {
  return { dekIds: new Set(), recordIds: new Set() };
}

function add(named: Named, { dekIds, recordIds }: DebtIds): void {
  for (const id of dekIds) named.dekIds.add(id);
  for (const id of recordIds) named.recordIds.add(id);
}
