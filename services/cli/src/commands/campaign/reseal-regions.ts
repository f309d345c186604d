import type { ResealRegion } from "@dekhand/campaign";
import { regionsOf } from "@dekhand/runtime";
import type { Connection } from "../../connect.ts";

/** Every Region that has tables. */
export async function resealRegions({
  config,
  stores,
}: Pick<Connection, "config" | "stores">): Promise<readonly ResealRegion[]> {
  const names = new Set([config.control, ...Object.values(config.profiles).flatMap(regionsOf)]);
  return Promise.all(
    [...names].map(async (region) => {
      const { deks, records } = await stores(region);
      return { region, deks, records };
    }),
  );
}
