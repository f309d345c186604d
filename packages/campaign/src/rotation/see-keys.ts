/** What KMS says of the watched keys: which they are today, by all the names that they have. */

import type { CallOptions, KeyDescription } from "@dekhand/kms";
import type { KeyLookup } from "../plan/look-up-keys.ts";
import type { WatchedKey } from "./watched-keys.ts";

/** A key, as KMS describes it now. Related multi-Region keys are one: they rotate as one. */
export interface SeenKey {
  /** Without Region, `mrk-…` or a UUID. */
  readonly keyId: string;
  /** At least one; one a Region. */
  readonly regional: readonly (KeyDescription & { readonly region: string })[];
  /** Whose key it is, and where. */
  readonly watched: readonly WatchedKey[];
}

export interface SeenKeys {
  readonly keys: readonly SeenKey[];
  /** Those that could not be looked at. */
  readonly unseen: readonly UnseenKey[];
}

export interface UnseenKey {
  readonly watched: WatchedKey;
  readonly error: unknown;
}

/** Asks for each by itself: one that fails stops no other. Rejects with the signal's reason only. */
export async function seeKeys(
  watched: readonly WatchedKey[],
  { describeKey }: KeyLookup,
  { signal }: CallOptions,
): Promise<SeenKeys> {
  const keys = new Map<string, SeenKey>();
  const unseen: UnseenKey[] = [];
  await Promise.all(
    watched.map(async (one) => {
      try {
        add(keys, one, await describeKey(one.region, one.key, { signal }));
      } catch (error) {
        signal?.throwIfAborted();
        unseen.push({ watched: one, error });
      }
    }),
  );
  return { keys: [...keys.values()], unseen };
}

/** Whose keys these are, each profile once. */
export function profilesOf(watched: readonly WatchedKey[]): readonly string[] {
  return [...new Set(watched.map(({ profile }) => profile))];
}

function add(keys: Map<string, SeenKey>, one: WatchedKey, key: KeyDescription): void {
  const { region } = one;
  const keyId = key.arn.slice(key.arn.lastIndexOf("/") + 1);
  const { regional, watched } = keys.get(keyId) ?? { regional: [], watched: [] };
  const isNew = regional.every(({ arn }) => arn !== key.arn);
  keys.set(keyId, {
    keyId,
    regional: isNew ? [...regional, { ...key, region }] : regional,
    watched: [...watched, one],
  });
}
