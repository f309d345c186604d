import type { CallOptions, Loser, StateStore } from "@dekhand/store";
import { type AskOptions, ask } from "./read-homes.ts";

export interface LosersTold {
  /** By record id, each sealing once. */
  readonly losers: readonly Loser[];
  /** Entries that cannot be read. */
  readonly malformed: number;
  readonly silent: readonly { readonly region: string; readonly code: string }[];
}

/** Of all Regions that answer. Throws the signal's reason. */
export async function listLosers(
  regions: readonly string[],
  stateOf: (region: string) => Pick<StateStore, "listLosers">,
  options: AskOptions = {},
): Promise<LosersTold> {
  const told = await Promise.all(
    regions.map(async (region) => ({ region, answer: await ask((call) => allOf(stateOf(region), call), options) })),
  );
  const losers = new Map<string, Loser>();
  let malformed = 0;
  const silent: { readonly region: string; readonly code: string }[] = [];
  for (const { region, answer } of told) {
    if (!answer.told) {
      silent.push({ region, code: answer.code });
      continue;
    }
    malformed += answer.value.malformed;
    for (const loser of answer.value.losers) losers.set(`${loser.recordId} ${loser.sealId}`, loser);
  }
  const byRecord = [...losers.values()].toSorted(
    (one, other) => order(one.recordId, other.recordId) || order(one.at, other.at),
  );
  return { losers: byRecord, malformed, silent };
}

async function allOf(state: Pick<StateStore, "listLosers">, options: CallOptions) {
  const losers: Loser[] = [];
  let malformed = 0;
  let cursor: string | undefined;
  do {
    const page = await state.listLosers({ ...options, cursor, limit: 1_000 });
    losers.push(...page.entries);
    malformed += page.malformed.length;
    cursor = page.cursor;
  } while (cursor !== undefined);
  return { losers, malformed };
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
