/** One look at the keys of some profiles: what each key came to, and what could not be looked at. */

import type { CallOptions } from "@dekhand/kms";
import type { Profile } from "@dekhand/runtime";
import { type HandledKey, type HandleRotationDeps, handleRotation, type RotationTrigger } from "./handle-rotation.ts";
import { type SeenKey, type SeenKeys, seeKeys } from "./see-keys.ts";

export interface Looked {
  readonly handled: readonly { readonly key: SeenKey; readonly result: HandledKey }[];
  readonly failed: readonly { readonly profiles: readonly string[]; readonly error: unknown }[];
}

export interface LookOptions extends CallOptions {
  readonly trigger: RotationTrigger;
  /** The id of the key that a profile had when it was seen last. */
  readonly lastKey: (profile: string) => string | undefined;
}

/** What fails for one key or profile stops no other. Rejects with the signal's reason only. */
export async function lookAtKeys(
  profiles: readonly Profile[],
  deps: HandleRotationDeps,
  { trigger, lastKey, signal }: LookOptions,
): Promise<Looked> {
  const { keys, unseen } = await seeKeys(profiles, deps, { signal });
  const handled: { key: SeenKey; result: HandledKey }[] = [];
  const failed = unseen.map(({ profile, error }) => ({ profiles: [profile.name], error }));
  await Promise.all(
    keys.map(async (key) => {
      try {
        const result = missesRegion(key, unseen, lastKey)
          ? ({ kind: "waits", what: "for the key of another Region, which may be related, to be seen" } as const)
          : await handleRotation(key, trigger, deps, { signal });
        handled.push({ key, result });
      } catch (error) {
        signal?.throwIfAborted();
        failed.push({ profiles: [...key.profiles], error });
      }
    }),
  );
  return { handled, failed };
}

/**
 * Material is handled once for all Regions: a campaign without a Region that could not be asked just now would leave its
 * wraps behind.
 */
function missesRegion(
  { keyId, regional }: SeenKey,
  unseen: SeenKeys["unseen"],
  lastKey: LookOptions["lastKey"],
): boolean {
  if (!regional.some(({ multiRegion }) => multiRegion)) return false;
  return unseen.some(
    ({ profile }) =>
      (lastKey(profile.name) ?? keyId) === keyId && regional.every(({ region }) => region !== profile.home),
  );
}
