import type { DekFound, Stores } from "@dekhand/store";
import type { HomeWrap } from "../follow/judge-copy.ts";
import type { WrapCopying } from "../wrap-access.ts";

/** `tableOf` names the Region whose table holds the copies of the wraps of a home. */
export function copyOwnWraps(
  stores: (region: string) => Pick<Stores, "deks"> | Promise<Pick<Stores, "deks">>,
  tableOf: (home: string) => string,
): WrapCopying {
  return {
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
