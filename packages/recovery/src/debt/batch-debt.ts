import { type DebtItem, splitDebt } from "@dekhand/store";

/** A record that is in its home Region's table now. */
export interface StoredRecordRef {
  readonly recordId: string;
  /** Absent where it is not known: the record's head tells. */
  readonly dekId?: string;
  /** The Regions that are to have it too: of its profile, as it is with its home there. */
  readonly replicas: readonly string[];
}

/**
 * What a batch of stored records leaves to be done: for each replica Region one item, or several where there are more than
 * 100 records. Write it where the records are, before any of their jobs is acknowledged. `at`: ISO 8601.
 */
export function batchDebt(stored: readonly StoredRecordRef[], at: string): readonly DebtItem[] {
  const regions = new Set(stored.flatMap(({ replicas }) => replicas));
  return [...regions].flatMap((region) => {
    const owed = stored.filter(({ replicas }) => replicas.includes(region));
    const dekIds = owed.flatMap(({ dekId }) => dekId ?? []);
    return splitDebt({ region, dekIds, recordIds: owed.map(({ recordId }) => recordId), at });
  });
}
