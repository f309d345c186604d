import { type Profile, profileAt } from "@dekhand/runtime";
import type { CallOptions, StateStore } from "@dekhand/store";
import { regionUnknown } from "./key-directory.ts";

/**
 * The profiles by name, each as it is with its home where the state tables say that it is now. Throws StoreError, and
 * DEKS_REGION_UNKNOWN for a home that the configuration does not know.
 */
export async function profilesAtHome(
  profiles: Readonly<Record<string, Profile>>,
  state: Pick<StateStore, "listHomes">,
  options: CallOptions = {},
): Promise<Readonly<Record<string, Profile>>> {
  const homes = new Map((await state.listHomes(options)).map(({ profile, region }) => [profile, region]));
  const moved = Object.values(profiles).map((profile): [string, Profile] => {
    const home = homes.get(profile.name) ?? profile.home;
    const there = profileAt(profile, home);
    if (!there) throw regionUnknown(profile.name, home);
    return [profile.name, there];
  });
  return Object.fromEntries(moved);
}
