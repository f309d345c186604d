import type { CallOptions, DekFound, StoredDek, StoredWrap } from "@dekhand/store";
import type { WrapPlace } from "./judge-wrap.ts";
import type { RegionParts } from "./replicate-types.ts";

/** What the two Regions' tables have of one DEK. */
export interface DekReading {
  readonly dekId: string;
  readonly home: {
    readonly dek: StoredDek | undefined;
    /** Home's own. */
    readonly wrap: StoredWrap | undefined;
    /** Home's copy of the target's. */
    readonly copy: WrapPlace;
    /** Something of it is there that cannot be read. */
    readonly isUnreadable: boolean;
  };
  readonly target: {
    readonly dek: StoredDek | undefined;
    readonly isUnreadable: boolean;
    readonly wrap: WrapPlace;
  };
}

/** The target first, then home: so that home's is never the older reading. Throws StoreError, and the signal's reason. */
export async function readDeks(
  { home, target }: { readonly home: RegionParts; readonly target: RegionParts },
  dekIds: readonly string[],
  options: CallOptions,
): Promise<readonly DekReading[]> {
  const there = await target.stores.deks.getMany(dekIds, target.region, options);
  const [own, copies] = await Promise.all([
    home.stores.deks.getMany(dekIds, home.region, options),
    home.stores.deks.getMany(dekIds, target.region, options),
  ]);
  return dekIds.map((dekId) => {
    const atHome = own.get(dekId);
    const atTarget = there.get(dekId);
    return {
      dekId,
      home: {
        dek: atHome?.dek,
        wrap: atHome?.wrap,
        copy: placeOf(copies.get(dekId)),
        isUnreadable: (atHome?.unreadable.length ?? 0) > 0,
      },
      target: {
        dek: atTarget?.dek,
        isUnreadable: atTarget?.unreadable.includes("dek") ?? false,
        wrap: placeOf(atTarget),
      },
    };
  });
}

function placeOf(found: DekFound | undefined): WrapPlace {
  return { wrap: found?.wrap, isUnreadable: found?.unreadable.includes("wrap") ?? false };
}
