/** Where a read looks, and in which order. */

import { type Profile, regionsOf } from "@dekhand/runtime";
import { ClientError } from "./errors.ts";

/**
 * - `any`: every Region of the client's order, until one has it.
 * - `home`: the profiles' homes as they are configured, and no replica Region: nothing that a replica has late.
 * - a list: these Regions only, in this order.
 */
export type ReadFrom = "any" | "home" | readonly string[];

export interface RegionOrder {
  /** Every Region that a profile has. */
  readonly readable: readonly string[];
  /** Throws CLIENT_REGION_UNKNOWN for a Region that no profile has, and for a list of none. */
  of(from: ReadFrom): readonly string[];
}

export interface RegionOrderOptions {
  readonly profiles: Readonly<Record<string, Profile>>;
  /** Comes first where it is one of the order; one that is not changes nothing. */
  readonly preferred?: string | undefined;
  /** Default: the homes, then the replica Regions, as they are configured. */
  readonly order?: readonly string[] | undefined;
}

/** Throws as `of` does, for `order`. */
export function createRegionOrder({ profiles, preferred, order }: RegionOrderOptions): RegionOrder {
  const all = Object.values(profiles);
  const homes = distinct(all.map(({ home }) => home));
  const readable = distinct([...homes, ...all.flatMap(regionsOf)]);
  const preferredFirst = (regions: readonly string[]) =>
    regions.toSorted((a, b) => Number(b === preferred) - Number(a === preferred));

  const known = (regions: readonly string[]): readonly string[] => {
    if (regions.length === 0) throw new ClientError("CLIENT_REGION_UNKNOWN", "a list of Regions to read in names none");
    const unknown = regions.find((region) => !readable.includes(region));
    if (unknown === undefined) return distinct(regions);
    throw new ClientError("CLIENT_REGION_UNKNOWN", "no profile of the configuration has that Region", {
      context: { region: unknown, known: readable.join(", ") },
    });
  };

  const any = preferredFirst(order === undefined ? readable : known(order));
  return {
    readable,
    of(from) {
      if (from === "any") return any;
      return from === "home" ? preferredFirst(homes) : known(from);
    },
  };
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)];
}
