/** Which wraps of a target are copies of another Region's, and of which Region's. */

import { profileLabelOf } from "@dekhand/deks";
import type { CampaignTarget, WrapRef } from "@dekhand/store";

/**
 * The Region whose wrap this one is a copy of; undefined for one of its own. Its profile is read from the stored context,
 * which is a label: what takes its place is admitted by the computed one.
 */
export function followedHome(
  { context }: Pick<WrapRef, "context">,
  { follows }: Pick<CampaignTarget, "follows">,
): string | undefined {
  const profile = profileLabelOf(context);
  if (follows === undefined || profile === undefined || !Object.hasOwn(follows.homes, profile)) return undefined;
  return follows.homes[profile];
}

/** Whether wraps of the target may be its own: re-encrypted there, or refused there. */
export function hasOwnWraps({ follows }: Pick<CampaignTarget, "follows">): boolean {
  return follows?.all !== true;
}
