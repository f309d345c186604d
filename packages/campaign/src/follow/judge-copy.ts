/**
 * What is current, of a wrap that is a copy: it is what its home Region has, under
 * the key that is related to home's. Pure; judged by labels and bytes, as
 * `judgeWrap` judges.
 */

import { relatedKeyArn } from "@dekhand/deks";
import type { CampaignTarget, WrapLabels, WrapRef } from "@dekhand/store";
import { type Currency, judgeWrap } from "../is-current.ts";

/**
 * - `current`, `other`: as of any wrap. A copy of one that the campaign does not concern is `other` like that one.
 * - `copy`: this, made of home's wrap, takes its place.
 * - `waits`: home's wrap is itself still to be rewrapped.
 * - `orphan`: it is to be replaced, and home has nothing that could be copied; the reason is for an operator.
 */
export type JudgedCopy =
  | Exclude<Currency, { readonly kind: "stale" }>
  | { readonly kind: "copy"; readonly next: HomeWrap }
  | { readonly kind: "waits" }
  | { readonly kind: "orphan"; readonly reason: string };

export interface CopyTargets {
  readonly campaignId: string;
  /** The campaign's target where the copy is. */
  readonly here: CampaignTarget;
  /** The campaign's target in the copy's home Region. */
  readonly home: CampaignTarget;
}

export type HomeWrap = WrapRef & Required<Pick<WrapRef, "keyArn" | "wrappedAt">>;

/** Both stores keep all labels. */
const labels: WrapLabels = { keyArn: true, material: true, campaign: true };

/** `wrap` has to be read before home's. */
export function judgeCopy(
  wrap: WrapRef,
  atHome: HomeWrap | undefined,
  { campaignId, here, home }: CopyTargets,
): JudgedCopy {
  const judged = judgeWrap(wrap, { campaignId, target: here }, labels);
  if (!atHome)
    return judged.kind === "stale" ? orphan("its home Region has no wrap of the DEK that can be read") : judged;

  const judgedAtHome = judgeWrap(atHome, { campaignId, target: home }, labels);
  if (judgedAtHome.kind === "stale") return { kind: "waits" };
  if (judgedAtHome.kind === "other" && judged.kind === "other") return judged;
  const keyArn = relatedKeyArn(atHome.keyArn, here.region);
  if (keyArn === undefined) {
    if (judged.kind !== "stale") return judged;
    return orphan("its home Region's wrap is under a key of one Region, which nothing can be copied from");
  }
  const next = { ...atHome, keyArn };
  if (isSame(wrap, next)) return judgedAtHome;
  // One that says to be the later and is what the campaign wants stays. Any other is replaced, whatever clocks say: who asks
  // has made sure that the copy's home is still where home's wrap was read.
  const isLater = wrap.wrappedAt !== undefined && wrap.wrappedAt > next.wrappedAt;
  return isLater && judged.kind !== "stale" ? judged : { kind: "copy", next };
}

function orphan(reason: string): JudgedCopy {
  return { kind: "orphan", reason };
}

function isSame(one: WrapRef, other: WrapRef): boolean {
  return (
    one.keyArn === other.keyArn &&
    one.material === other.material &&
    one.campaign === other.campaign &&
    one.wrappedAt === other.wrappedAt &&
    Buffer.compare(one.blob, other.blob) === 0
  );
}
