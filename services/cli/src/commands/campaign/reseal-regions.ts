import type { ResealRegion } from "@dekhand/campaign";
import type { Connection } from "../../connect.ts";

/** Every Region that has tables. */
export async function resealRegions({
  config,
  stores,
}: Pick<Connection, "config" | "stores">): Promise<readonly ResealRegion[]> {
  const names = new Set([config.control, ...Object.values(config.profiles).map(({ home }) => home)]);
  return Promise.all(
    [...names].map(async (region) => {
      const { deks, records } = await stores(region);
      return { region, deks, records };
    }),
  );
}
