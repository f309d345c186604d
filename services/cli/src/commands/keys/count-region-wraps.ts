import { DekhandError } from "@dekhand/errors";
import type { DekCounts } from "@dekhand/store";
import type { Connection } from "../../connect.ts";

export type CountedWraps = DekCounts["wraps"][number];

export interface RegionWraps {
  readonly wraps: readonly CountedWraps[];
  /** Regions whose wraps could not be counted: a Region that is away hides no other. */
  readonly uncounted: readonly { readonly region: string; readonly code: string }[];
}

/** By Region, key and material, as the wraps' labels say. Throws the signal's reason. */
export async function countRegionWraps(
  { config, stores }: Pick<Connection, "config" | "stores">,
  signal: AbortSignal,
): Promise<RegionWraps> {
  const counted = await Promise.all(
    config.regions.map(async (region) => {
      try {
        const { wraps } = await (await stores(region)).deks.count({ signal });
        // A home's table holds copies of its replicas' wraps, and one of global tables all of them: each is counted once.
        return { region, wraps: wraps.filter((one) => one.region === region) };
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof DekhandError)) throw error;
        return { region, code: error.code };
      }
    }),
  );
  return {
    wraps: counted.flatMap(({ wraps = [] }) => wraps),
    uncounted: counted.flatMap(({ region, code }) => (code === undefined ? [] : [{ region, code }])),
  };
}
