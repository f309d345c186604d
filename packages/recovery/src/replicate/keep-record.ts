import type { CallOptions, Loser, RecordHead, StoredRecord } from "@dekhand/store";
import type { RegionParts } from "./replicate-types.ts";

export interface KeepPlaces {
  /** Where the record is, and stays. */
  readonly at: RegionParts;
  readonly other: RegionParts;
}

/**
 * Keeps a record that is about to be replaced: the envelope beside what replaces it, where its DEK is, and an entry in both
 * Regions' lists. Throws StoreError.
 */
export async function keepRecord(
  record: StoredRecord,
  { at, other, now, ...options }: KeepPlaces & CallOptions & { readonly now: number },
): Promise<void> {
  await at.stores.records.keepLost(record, options);
  const { recordId, epoch, revision, sealId, dekId } = record;
  const loser: Loser = {
    ...{ recordId, region: at.region, epoch, sealId, dekId, at: new Date(now).toISOString() },
    ...(revision === undefined ? {} : { revision }),
  };
  await Promise.all([at, other].map(({ stores }) => stores.state.putLoser(loser, options)));
}

/** False: the record is another one by now. Throws as `keepRecord`, and where it cannot be read. */
export async function keepAsRead(
  { recordId, sealId }: RecordHead,
  { at, ...rest }: KeepPlaces & CallOptions & { readonly now: number },
): Promise<boolean> {
  const record = await at.stores.records.get(recordId, { signal: rest.signal });
  if (record?.sealId !== sealId) return false;
  await keepRecord(record, { at, ...rest });
  return true;
}
