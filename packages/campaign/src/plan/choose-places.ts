import type { WrapStore } from "@dekhand/store";
import { CampaignError } from "../errors.ts";
import type { Keys } from "./look-up-keys.ts";

/** A store in one Region, as far as a campaign has to know it to be planned. */
export interface WrapPlace {
  readonly store: Pick<WrapStore, "name" | "region">;
  /**
   * Alias, id or ARN of the keys that its configuration lists, for a store of others: it is concerned by campaigns from
   * one of them, or where it is named. Absent: it is concerned by all.
   */
  readonly keys?: readonly string[];
}

export interface PlaceChoice {
  /** Names of stores. Default: all. */
  readonly stores?: readonly string[];
  /** Default: all that have a store and a key to leave. */
  readonly regions?: readonly string[];
}

/** The places that are asked for, by store and Region. Throws CAMPAIGN_STORE_UNKNOWN. */
export function choosePlaces<P extends WrapPlace>(all: readonly P[], { stores, regions }: PlaceChoice): readonly P[] {
  const unknown = stores?.find((name) => !all.some(({ store }) => store.name === name));
  if (unknown !== undefined) throw storeUnknown(`the configuration has no wrap store ${unknown}`, { store: unknown });
  const named = all.filter(({ store }) => stores?.includes(store.name) ?? true);
  const empty = regions?.find((region) => !named.some(({ store }) => store.region === region));
  if (empty !== undefined) throw storeUnknown(`no wrap store stands in ${empty}`, { region: empty });
  const chosen = named.filter(({ store }) => regions?.includes(store.region) ?? true);
  const outside = stores?.find((name) => !chosen.some(({ store }) => store.name === name));
  if (outside === undefined) return chosen;
  throw storeUnknown(`the wrap store ${outside} stands in none of the Regions asked for`, { store: outside });
}

/** Whether wraps of the place may be under one of these keys, by its configuration. */
export async function isConcerned(
  { store, keys: listed }: WrapPlace,
  sources: readonly string[],
  { stores }: PlaceChoice,
  keys: Keys,
): Promise<boolean> {
  if (listed === undefined || stores?.includes(store.name)) return true;
  const found = await Promise.all(listed.map((reference) => keys.find(store.region, reference)));
  return found.some((key) => key !== undefined && sources.includes(key.arn));
}

function storeUnknown(message: string, context: Readonly<Record<string, string>>): CampaignError {
  return new CampaignError("CAMPAIGN_STORE_UNKNOWN", message, { context });
}
