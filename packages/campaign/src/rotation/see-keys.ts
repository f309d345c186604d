/** Which keys the watched profiles use today, and what KMS says of them. */

import type { CallOptions, KeyDescription } from "@dekhand/kms";
import type { Profile } from "@dekhand/runtime";
import type { KeyLookup } from "../plan/look-up-keys.ts";

/** A key, as KMS describes it now. Related multi-Region keys are one: they rotate as one. */
export interface SeenKey {
  /** Without Region, `mrk-…` or a UUID. */
  readonly keyId: string;
  /** At least one; one a Region. */
  readonly regional: readonly (KeyDescription & { readonly region: string })[];
  /** Whose key it is. */
  readonly profiles: readonly string[];
}

export interface SeenKeys {
  readonly keys: readonly SeenKey[];
  /** Profiles whose key could not be looked at. */
  readonly unseen: readonly { readonly profile: Profile; readonly error: unknown }[];
}

/** Asks for every profile's key by itself: one that fails stops no other. Rejects with the signal's reason only. */
export async function seeKeys(
  profiles: readonly Profile[],
  { describeKey }: KeyLookup,
  { signal }: CallOptions,
): Promise<SeenKeys> {
  const keys = new Map<string, SeenKey>();
  const unseen: { profile: Profile; error: unknown }[] = [];
  await Promise.all(
    profiles.map(async (profile) => {
      try {
        const key = await describeKey(profile.home, profile.key, { signal });
        add(keys, profile, key);
      } catch (error) {
        signal?.throwIfAborted();
        unseen.push({ profile, error });
      }
    }),
  );
  return { keys: [...keys.values()], unseen };
}

function add(keys: Map<string, SeenKey>, { name, home: region }: Profile, key: KeyDescription): void {
  const keyId = key.arn.slice(key.arn.lastIndexOf("/") + 1);
  const { regional, profiles } = keys.get(keyId) ?? { regional: [], profiles: [] };
  const isNew = regional.every(({ arn }) => arn !== key.arn);
  keys.set(keyId, {
    keyId,
    regional: isNew ? [...regional, { ...key, region }] : regional,
    profiles: [...profiles, name],
  });
}
