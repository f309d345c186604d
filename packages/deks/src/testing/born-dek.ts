import type { EncryptionContext } from "@dekhand/envelope";
import type { Profile } from "@dekhand/runtime";
import type { DekWithWrap } from "@dekhand/store";
import { createEncryptDeks } from "../encrypt-deks.ts";
import { createKeyDirectory } from "../key-directory.ts";
import { type HomeRegion, region } from "./home-region.ts";

export interface BornDek {
  readonly id: string;
  readonly stored: DekWithWrap;
}

/** A DEK in the home Region's table, which no cache knows. */
export async function bearDekFor(home: HomeRegion, profile: Profile, context: EncryptionContext): Promise<BornDek> {
  const { kms, stores, logger, metrics } = home;
  const keys = createKeyDirectory({ profiles: { [profile.name]: profile }, kms: () => kms, logger });
  const deks = createEncryptDeks({
    keys,
    kms: () => kms,
    store: () => stores.deks,
    state: () => stores.state,
    logger,
    metrics,
  });
  using lease = await deks.acquire({ profile, context, bytes: 1 });
  const stored = await stores.deks.get(lease.dek.id, region);
  deks.close();
  if (!stored) throw new TypeError("a born DEK is stored");
  return { id: lease.dek.id, stored };
}
