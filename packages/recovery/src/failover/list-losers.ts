import type { Loser, StateStore } from "@dekhand/store";
import { type AskOptions, ask } from "./read-homes.ts";

export interface LosersTold {
  /** By record id, each sealing once. */
  readonly losers: readonly Loser[];
  /** Entries that cannot be read. */
  readonly malformed: number;
  readonly silent: readonly { readonly region: string; readonly code: string }[];
}

const pageSize = 1_000;

/** Of all Regions, as far as they answer. Throws the signal's reason. */
export async function listLosers(
  regions: readonly string[],
  stateOf: (region: string) => Pick<StateStore, "listLosers">,
  options: AskOptions = {},
): Promise<LosersTold> {
  const told = await Promise.all(
    regions.map(async (region) => ({ region, ...(await allOf(stateOf(region), options)) })),
  );
  const losers = new Map<string, Loser>();
  for (const loser of told.flatMap((one) => one.losers)) losers.set(`${loser.recordId} ${loser.sealId}`, loser);
  const malformed = told.reduce((sum, one) => sum + one.malformed, 0);
  const silent = told.flatMap(({ region, code }) => (code === undefined ? [] : [{ region, code }]));
  const byRecord = [...losers.values()].toSorted(
    (one, other) => order(one.recordId, other.recordId) || order(one.at, other.at),
  );
  return { losers: byRecord, malformed, silent };
}

interface RegionLosers {
  readonly losers: readonly Loser[];
  readonly malformed: number;
  /** It did not answer any more, and may have others. */
  readonly code?: string;
}

/** Page by page, each with time of its own: very many losers are no silence. */
async function allOf(state: Pick<StateStore, "listLosers">, options: AskOptions): Promise<RegionLosers> {
  const losers: Loser[] = [];
  let malformed = 0;
  let cursor: string | undefined;
  do {
    const after = cursor;
    const page = await ask((call) => state.listLosers({ ...call, cursor: after, limit: pageSize }), options);
    if (!page.told) return { losers, malformed, code: page.code };
    losers.push(...page.value.entries);
    malformed += page.value.malformed.length;
    ({ cursor } = page.value);
  } while (cursor !== undefined);
  return { losers, malformed };
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
