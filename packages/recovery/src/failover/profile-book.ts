import type { CallOptions, StoredDek } from "@dekhand/store";
import type { CarryDeps } from "./carry.ts";

/** Whose DEKs are: a record's head names its DEK alone. */
export interface ProfileBook {
  /** Profiles by DEK id; DEKs that no Region has are left out. Throws StoreError. */
  profilesOf(dekIds: readonly string[], options: CallOptions): Promise<ReadonlyMap<string, string>>;
  /** The same, with the home that made the DEK. */
  deksOf(dekIds: readonly string[], options: CallOptions): Promise<ReadonlyMap<string, DekOrigin>>;
}

export type DekOrigin = Pick<StoredDek, "profile" | "home">;

/** Some 100 bytes each. */
const maxRemembered = 200_000;

/** Asks the Regions one after the other, until one has it. */
export function createProfileBook(regions: readonly string[], { regionOf }: Pick<CarryDeps, "regionOf">): ProfileBook {
  const known = new Map<string, DekOrigin>();
  const book: ProfileBook = {
    async profilesOf(dekIds, options) {
      const deks = await book.deksOf(dekIds, options);
      return new Map([...deks].map(([id, { profile }]) => [id, profile]));
    },
    async deksOf(dekIds, options) {
      const wanted = [...new Set(dekIds)];
      const found = new Map(wanted.flatMap((id) => [[id, known.get(id)] as const]));
      for (const region of regions) {
        const open = wanted.filter((id) => found.get(id) === undefined);
        if (open.length === 0) break;
        const deks = await regionOf(region).stores.deks.getMany(open, region, options);
        for (const [id, { dek }] of deks) if (dek) found.set(id, { profile: dek.profile, home: dek.home });
      }
      const all = [...found].flatMap(([id, origin]) => (origin === undefined ? [] : [[id, origin] as const]));
      for (const [id, origin] of all) known.set(id, origin);
      for (const oldest of known.keys()) {
        if (known.size <= maxRemembered) break;
        known.delete(oldest);
      }
      return new Map(all);
    },
  };
  return book;
}
