/** Whether a replica Region's wrap of a DEK is to be replaced. Pure. */

import type { ReplicaWrap } from "@dekhand/deks";
import type { StoredWrap, WrapCopy } from "@dekhand/store";

/** What a reading says of a wrap's place. */
export interface WrapPlace {
  readonly wrap: StoredWrap | undefined;
  readonly isUnreadable: boolean;
}

/** What was read there, as the condition of a write. */
export function expectedAt({ wrap, isUnreadable }: WrapPlace): WrapCopy["expected"] {
  if (isUnreadable) return "unreadable";
  return wrap ? { blob: wrap.blob } : "absent";
}

/**
 * Whether home's wrap is to take the place of the copy of it that a related multi-Region key's Region has: it has been
 * rewrapped since, or the copy is not what it was. A copy that says to be the later one is left alone: that Region may have
 * been the home meanwhile, or may be by now.
 */
export function isStaleCopy(copy: ReplicaWrap, there: StoredWrap): boolean {
  return !isSameWrap(copy, there) && there.wrappedAt <= copy.wrappedAt;
}

/** All that is stored of a wrap, but for the DEK's id. The context is computed, and so the same wherever it is right. */
export function isSameWrap(one: ReplicaWrap, other: ReplicaWrap): boolean {
  return (
    one.region === other.region &&
    one.keyArn === other.keyArn &&
    one.material === other.material &&
    one.campaign === other.campaign &&
    one.wrappedAt === other.wrappedAt &&
    Buffer.compare(one.blob, other.blob) === 0
  );
}
