import type { ProfileHomes } from "@dekhand/deks";
import type { DeploymentConfig } from "@dekhand/runtime";
import type { CallOptions, DekStore } from "@dekhand/store";

export interface DekTablesDeps<Table> {
  readonly config: Pick<DeploymentConfig, "tables" | "profiles">;
  readonly storesOf: (region: string) => { readonly deks: Table };
  readonly homes: Pick<ProfileHomes, "of">;
}

/**
 * The table that holds a DEK's wraps of a Region and takes their changes: that Region's own; of global tables, that of the
 * profile's home, which alone writes a profile's items. Throws StoreError, and as `ProfileHomes.of`.
 */
export function createDekTables<Table extends Pick<DekStore, "getSummary">>({
  config: { tables, profiles },
  storesOf,
  homes,
}: DekTablesDeps<Table>): (region: string, dekId: string, options: CallOptions) => Promise<Table> {
  const homeOf = async (profile: string, options: CallOptions) => (await homes.of(profile, options)).profile.home;
  return async (region, dekId, options) => {
    if (tables === "regional") return storesOf(region).deks;
    const regions = new Set(await Promise.all(Object.keys(profiles).map((name) => homeOf(name, options))));
    for (const home of regions) {
      const dek = await storesOf(home).deks.getSummary(dekId, options);
      if (dek && Object.hasOwn(profiles, dek.profile)) return storesOf(await homeOf(dek.profile, options)).deks;
    }
    return storesOf(region).deks;
  };
}
