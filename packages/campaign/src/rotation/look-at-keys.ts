/** One look at watched keys: what each key came to, and what could not be looked at. */

import type { CallOptions } from "@dekhand/kms";
import { type HandledKey, type HandleRotationDeps, handleRotation, type RotationTrigger } from "./handle-rotation.ts";
import { type SeenKey, seeKeys, type UnseenKey } from "./see-keys.ts";
import type { WatchedKey } from "./watched-keys.ts";

export interface Looked {
  readonly handled: readonly { readonly key: SeenKey; readonly result: HandledKey }[];
  readonly failed: readonly { readonly watched: readonly WatchedKey[]; readonly error: unknown }[];
}

export interface LookOptions extends CallOptions {
  readonly trigger: RotationTrigger;
  /** The id of the key that it was when it was seen last. */
  readonly lastKey: (watched: WatchedKey) => string | undefined;
}

/** What fails for one key stops no other. Rejects with the signal's reason only. */
export async function lookAtKeys(
  watched: readonly WatchedKey[],
  deps: HandleRotationDeps,
  { trigger, lastKey, signal }: LookOptions,
): Promise<Looked> {
  const { keys, unseen } = await seeKeys(watched, deps, { signal });
  const handled: { key: SeenKey; result: HandledKey }[] = [];
  const failed: { watched: readonly WatchedKey[]; error: unknown }[] = unseen.map((one) => ({
    watched: [one.watched],
    error: one.error,
  }));
  await Promise.all(
    keys.map(async (key) => {
      try {
        const result = missesRegion(key, unseen, lastKey)
          ? ({ kind: "waits", what: "for the key of another Region, which may be related, to be seen" } as const)
          : await handleRotation(key, trigger, deps, { signal });
        handled.push({ key, result });
      } catch (error) {
        signal?.throwIfAborted();
        failed.push({ watched: key.watched, error });
      }
    }),
  );
  return { handled, failed };
}

/**
 * Material is handled once for all Regions: a campaign without a Region that could not be asked just now would leave its
 * wraps behind.
 */
function missesRegion(key: SeenKey, unseen: readonly UnseenKey[], lastKey: LookOptions["lastKey"]): boolean {
  const { keyId, regional } = key;
  if (!regional.some(({ multiRegion }) => multiRegion)) return false;
  return unseen.some(
    ({ watched }) =>
      (lastKey(watched) ?? keyId) === keyId &&
      regional.every(({ region }) => region !== watched.region) &&
      mayBeIn(key, watched.region),
  );
}

/** Where KMS names the Regions that have related keys, no other has one: after a failover, one may be gone for good. */
function mayBeIn({ regional }: SeenKey, region: string): boolean {
  const named = regional.flatMap(({ primaryRegion, replicaRegions = [] }) =>
    primaryRegion === undefined ? [] : [primaryRegion, ...replicaRegions],
  );
  return named.length === 0 || named.includes(region);
}
