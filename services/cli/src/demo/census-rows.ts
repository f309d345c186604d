import { takeCensus } from "@dekhand/campaign";
import type { Connection } from "../connect.ts";

/** Wraps that say the same of themselves. */
export interface CensusRow {
  readonly region: string;
  /** A wrap store's name. */
  readonly store: string;
  readonly keyArn?: string;
  /** KMS's key material id. */
  readonly material?: string;
  readonly wraps: number;
}

/** Counts all wraps of a deployment, by strongly consistent reads. Throws StoreErrors: half a census is none. */
export async function countWraps(
  { wrapAccess }: Pick<Connection, "wrapAccess">,
  signal: AbortSignal,
): Promise<readonly CensusRow[]> {
  const { all } = await wrapAccess();
  const stores = all.map(({ store }) => store);
  const censuses = await takeCensus(stores, { consistent: true, signal });
  return censuses.flatMap(({ region, store, groups, unlisted, malformed }) => [
    ...groups.map(({ keyArn, material, count }) => ({
      region,
      store,
      ...(keyArn === undefined ? {} : { keyArn }),
      ...(material === undefined ? {} : { material }),
      wraps: count,
    })),
    // What says nothing that can be read is still there.
    ...(unlisted + malformed > 0 ? [{ region, store, wraps: unlisted + malformed }] : []),
  ]);
}
