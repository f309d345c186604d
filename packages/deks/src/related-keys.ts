/** Multi-Region keys by their ARNs: related ones differ in nothing but the Region. */

import { isKeyArn, keyReferenceRegion } from "@dekhand/runtime";

/** Whether two ARNs name related multi-Region keys, or the same one: what one of them wraps, the other unwraps. */
export function areRelatedKeys(one: string, other: string): boolean {
  const there = regionOf(other);
  return there !== undefined && relatedKeyArn(one, there) === other;
}

/** The ARN that a multi-Region key has in `region`, if it is there; undefined for a key that is of one Region only. */
export function relatedKeyArn(keyArn: string, region: string): string | undefined {
  const home = regionOf(keyArn);
  if (home === undefined || !keyArn.includes(":key/mrk-")) return undefined;
  return keyArn.replace(`:kms:${home}:`, `:kms:${region}:`);
}

function regionOf(keyArn: string): string | undefined {
  return isKeyArn(keyArn) ? keyReferenceRegion(keyArn) : undefined;
}
