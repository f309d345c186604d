/** What sealing records again needs in each Region, put together: its tables, and DEKs to open and to seal with. */

import {
  createDecryptDeks,
  createEncryptDeks,
  type DecryptDeks,
  type EncryptDeks,
  type EncryptDeksDeps,
  type ProfileHomes,
} from "@dekhand/deks";
import type { KmsGovernor } from "@dekhand/kms";
import type { Profile } from "@dekhand/runtime";
import type { CallOptions, DekStore, RecordStore, StateStore, Stores } from "@dekhand/store";

/** How a worker reaches the records of one Region, by its own configuration. */
export interface ResealAccess {
  readonly region: string;
  /** The profile as it is with its home where that is now; undefined where the configuration has none of that name. */
  readonly profile: (name: string, options: CallOptions) => Promise<Profile | undefined>;
  readonly records: Pick<RecordStore, "get" | "getHead" | "scanHeads" | "reseal">;
  readonly deks: Pick<DekStore, "getSummary">;
  /** For what replica Regions are owed. */
  readonly state: Pick<StateStore, "putDebt">;
  /** Old DEKs, and new ones as any reader will get them. */
  readonly opening: Pick<DecryptDeks, "acquire">;
  readonly sealing: Pick<EncryptDeks, "acquire" | "abandon">;
}

export interface ResealingDeps extends Omit<EncryptDeksDeps, "kms" | "store" | "state"> {
  readonly profiles: Readonly<Record<string, Profile>>;
  /** Where profiles' homes are by now: records are sealed again there. */
  readonly homes: Pick<ProfileHomes, "of">;
  readonly kms: (region: string) => Pick<KmsGovernor, "region" | "generateDataKey" | "decrypt">;
  readonly stores: (region: string) => Pick<Stores, "deks" | "records" | "state">;
}

export interface Resealing {
  access(region: string): ResealAccess;
  /** Wipes the DEKs. */
  close(): void;
}

/** All KMS calls are made as a campaign's: behind those of encryptors and readers. */
export function createResealing(deps: ResealingDeps): Resealing {
  const { profiles, homes, keys, stores, metrics } = deps;
  const kms = (region: string) => behindOthers(deps.kms(region));
  const sealing = createEncryptDeks({
    ...deps,
    kms,
    store: (region) => stores(region).deks,
    state: (region) => stores(region).state,
  });
  const profile: ResealAccess["profile"] = async (name, options) =>
    Object.hasOwn(profiles, name) ? (await homes.of(name, options)).profile : undefined;
  const opened = new Map<string, ResealAccess & { readonly opening: DecryptDeks }>();

  const open = (region: string) => {
    const { deks, records, state } = stores(region);
    const opening = createDecryptDeks({ region, keys, kms: kms(region), store: deks, metrics });
    const access = { region, profile, records, deks, state, opening, sealing };
    opened.set(region, access);
    return access;
  };

  return {
    access: (region) => opened.get(region) ?? open(region),
    close() {
      sealing.close();
      for (const { opening } of opened.values()) opening.close();
    },
  };
}

function behindOthers(
  kms: ReturnType<ResealingDeps["kms"]>,
): Pick<KmsGovernor, "region" | "generateDataKey" | "decrypt"> {
  return {
    region: kms.region,
    generateDataKey: (request, options) => kms.generateDataKey(request, { ...options, priority: "campaign" }),
    decrypt: (request, options) => kms.decrypt(request, { ...options, priority: "campaign" }),
  };
}
