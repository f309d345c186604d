import { deadlineIn, type Profile } from "@dekhand/runtime";
import type { CallOptions, DekStore, DekWithWrap, StoredWrap } from "@dekhand/store";
import type { KeyDirectory } from "./key-directory.ts";
import { checkRequest, type ReplicaWrap } from "./replica-wrap.ts";
import { copyThere } from "./replica-wrap-copy.ts";
import { BIRTH_DEADLINE_MS } from "./wrap-window.ts";

/** Where a DEK's wraps are made. */
export interface DekHome {
  /** The DEK's, as it is with its home there. */
  readonly profile: Profile;
  /** By its table. */
  readonly store: Pick<DekStore, "get">;
}

export interface CopyFromHomeDeps {
  readonly keys: Pick<KeyDirectory, "allows" | "current">;
  /** Of the Region of the copy. */
  readonly store: Pick<DekStore, "putWrapCopy">;
}

/**
 * - `copied`: home's wrap took the copy's place. `same`: it was there already.
 * - `conflict`: the copy is not what was read any more. `not-found`: home has no wrap of the DEK.
 */
export interface CopiedFromHome {
  readonly kind: "copied" | "same" | "conflict" | "not-found";
  readonly wrap: ReplicaWrap;
}

/**
 * Brings a copy of a wrap, as it was read, to what its home has, under the related key; KMS is not called. What home has
 * read before is written within one birth deadline, or never. Throws as `makeReplicaWrap`.
 */
export async function copyFromHome(
  { dek, wrap }: DekWithWrap,
  { profile, store }: DekHome,
  { keys, store: target }: CopyFromHomeDeps,
  { signal }: CallOptions,
): Promise<CopiedFromHome> {
  using limit = deadlineIn(BIRTH_DEADLINE_MS, signal);
  const options = { signal: limit.signal };
  const found = await store.get(dek.dekId, profile.home, options);
  if (!found) return { kind: "not-found", wrap };
  const request = { profile, region: wrap.region, dek: found.dek, wrap: found.wrap };
  const copy = await copyThere(await checkRequest(request, { keys }, options), { keys }, options);
  if (isAsGood(wrap, copy)) return { kind: "same", wrap };
  const outcome = await target.putWrapCopy(dek.dekId, copy, { blob: wrap.blob }, options);
  return { kind: outcome === "stored" ? "copied" : outcome, wrap: copy };
}

/** Also a later one under the same key and material: that Region may have been the profile's home meanwhile. */
function isAsGood(there: StoredWrap, copy: ReplicaWrap): boolean {
  if (there.keyArn !== copy.keyArn || there.material !== copy.material) return false;
  return there.wrappedAt > copy.wrappedAt || Buffer.compare(there.blob, copy.blob) === 0;
}
