import type { DekFound } from "@dekhand/store";
import type { HomeWrap } from "../follow/judge-copy.ts";
import type { WrapCopying } from "../wrap-access.ts";
import type { StoreOpening } from "./open-wrap-access.ts";

export interface OwnCopiesDeps {
  readonly stores: StoreOpening["stores"];
  /** The Region of the copies. A failover writes to the Region that it goes to first of all. */
  readonly region: string;
  /** The Region whose table holds the copies of the wraps of a home. */
  readonly tableOf: (home: string) => string;
}

export function copyOwnWraps({ stores, region, tableOf }: OwnCopiesDeps): WrapCopying {
  return {
    async homeOf(profile, options = {}) {
      const { state } = await stores(region);
      return (await state.getHome(profile, options))?.region;
    },
    async readHome(home, ids, options = {}) {
      const { deks } = await stores(home);
      const found = await deks.getMany(ids, home, options);
      return new Map([...found.values()].flatMap((one) => toHomeWrap(one)));
    },
    async putCopies(home, copies, options = {}) {
      const { deks } = await stores(tableOf(home));
      return deks.putWrapCopies(copies, options);
    },
  };
}

function toHomeWrap({ dekId, wrap }: DekFound): readonly (readonly [string, HomeWrap])[] {
  // A blob of no bytes is none that a copy would be worth.
  if (!wrap || wrap.blob.length === 0) return [];
  const { dekId: _, region: __, ...labelled } = wrap;
  return [[dekId, { id: dekId, ...labelled }]];
}
