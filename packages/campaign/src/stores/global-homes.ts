import type { Profile } from "@dekhand/runtime";
import type { CallOptions } from "@dekhand/store";
import type { GlobalHomes } from "./global-wrap-store.ts";

/** Where the homes of all profiles are by now; as they are configured, where nobody can say. Throws as `homeOf`. */
export function globalHomes(
  profiles: Readonly<Record<string, Profile>>,
  homeOf: ((profile: string, options: CallOptions) => Promise<string | undefined>) | undefined,
): (options: CallOptions) => Promise<GlobalHomes> {
  return async (options) => {
    const asked = Object.values(profiles).map(
      async ({ name, home }): Promise<[string, string]> => [name, (await homeOf?.(name, options)) ?? home],
    );
    const known = new Map(await Promise.all(asked));
    const regions = [...new Set(known.values())].sort();
    const [first = ""] = regions;
    return { regions, of: (profile) => known.get(profile ?? "") ?? first };
  };
}
