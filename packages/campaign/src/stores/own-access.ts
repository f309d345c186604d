/** Dekhand's own wraps: those of its DEKs, and those of its transit keys. */

import { createListedKeys } from "@dekhand/deks";
import type { TransitConfig } from "@dekhand/runtime";
import {
  createDekhandWrapStore,
  createTransitWrapStore,
  type DekStore,
  tableNames,
  transitContext,
} from "@dekhand/store";
import { type AdmitWrap, admitOwnWraps } from "../admit-wraps.ts";
import type { WrapAccess } from "../wrap-access.ts";
import { admitListedKeys } from "./admit-listed-keys.ts";
import { globalHomes } from "./global-homes.ts";
import { createGlobalWrapStore } from "./global-wrap-store.ts";
import { matchCommitment } from "./match-commitment.ts";
import type { StoreOpening } from "./open-wrap-access.ts";
import { copyOwnWraps } from "./own-copies.ts";

/** The wraps of DEKs that belong to one Region's KMS, be it a profile's home or a replica Region. */
export async function openOwnAccess(region: string, opening: StoreOpening): Promise<WrapAccess> {
  const { config, keys, stores } = opening;
  const through = (table: string) =>
    createDekhandWrapStore({
      client: opening.dynamodb(table),
      writer: opening.writer(table),
      tables: tableNames(config.prefix),
      region,
    });
  const access = { kms: opening.kms(region), admit: admitOwnWraps({ profiles: config.profiles, keys, region }) };
  if (config.tables === "regional") {
    return {
      ...access,
      store: through(region),
      matches: matchCommitment((await stores(region)).deks, region),
      copying: copyOwnWraps({ stores, region, tableOf: () => region }),
    };
  }
  const homes = globalHomes(config.profiles, opening.homeOf);
  const get: DekStore["get"] = async (dekId, of, options = {}) => {
    for (const home of (await homes(options)).regions) {
      const found = await (await stores(home)).deks.get(dekId, of, options);
      if (found) return found;
    }
    return undefined;
  };
  return {
    ...access,
    store: createGlobalWrapStore({ region, homes, through }),
    matches: matchCommitment({ get }, region),
    copying: copyOwnWraps({ stores, region, tableOf: (home) => home }),
  };
}

/** The wraps of the private transit keys, which lie in the control Region. */
export async function openTransitAccess(
  { key, retiring, region }: TransitConfig,
  opening: StoreOpening,
  signal: AbortSignal,
): Promise<WrapAccess> {
  const { config, logger } = opening;
  const home = region ?? config.control;
  const kms = opening.kms(home);
  const keys = createListedKeys({ names: [key, ...retiring], kms, purpose: "transit keys", logger });
  await keys.resolve({ signal });
  return {
    store: createTransitWrapStore({
      client: opening.dynamodb(config.control),
      tables: tableNames(config.prefix),
      region: home,
    }),
    kms,
    admit: admitTransitWraps(admitListedKeys(keys)),
  };
}

/** The KMS context is the one that follows from the transit key's id, whatever the table says. */
function admitTransitWraps(admitKeys: AdmitWrap): AdmitWrap {
  return async (wrap, keyArns, options) => {
    const admission = await admitKeys(wrap, keyArns, options);
    return admission.kind === "admitted" ? { ...admission, context: transitContext(wrap.id) } : admission;
  };
}
