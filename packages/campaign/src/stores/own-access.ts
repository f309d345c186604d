/** Dekhand's own wraps: those of its DEKs, and those of its transit keys. */

import { createListedKeys } from "@dekhand/deks";
import type { TransitConfig } from "@dekhand/runtime";
import { createDekhandWrapStore, createTransitWrapStore, tableNames, transitContext } from "@dekhand/store";
import { type AdmitWrap, admitOwnWraps } from "../admit-wraps.ts";
import type { WrapAccess } from "../wrap-access.ts";
import { admitListedKeys } from "./admit-listed-keys.ts";
import { matchCommitment } from "./match-commitment.ts";
import type { StoreOpening } from "./open-wrap-access.ts";

/** The wraps of the DEKs whose home a Region is. */
export async function openOwnAccess(region: string, opening: StoreOpening): Promise<WrapAccess> {
  const { config, keys } = opening;
  const { deks } = await opening.stores(region);
  return {
    store: createDekhandWrapStore({
      client: opening.dynamodb(region),
      writer: opening.writer(region),
      tables: tableNames(config.prefix),
      region,
    }),
    kms: opening.kms(region),
    admit: admitOwnWraps({ profiles: config.profiles, keys, region }),
    matches: matchCommitment(deks, region),
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
