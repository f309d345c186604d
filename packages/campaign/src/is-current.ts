/**
 * What is current: a wrap under the target key and material.
 *
 * Judged by labels, which are no authority: what a wrap really is, only KMS
 * tells. So this decides what needs work and what a census counts; verification
 * probes the wraps themselves.
 */

import type { WrapLabels, WrapRef } from "@dekhand/store";
import type { RewrapOrder } from "./rewrap-order.ts";

/**
 * How long after a rotation a new wrap may still be made under the old material, in milliseconds: KMS takes its time to
 * tell all its hosts.
 */
export const ROTATION_SETTLES_MS = 10 * 60_000;

/**
 * What makes a wrap current. Evidence counts those without a material id apart:
 * - `material`: it says the target's material.
 * - `key`: it says the target's key, and the campaign asks for no material.
 * - `campaign`: it says no material; this campaign swapped it.
 * - `time`: it says no material; it was wrapped at least 10 min after the rotation.
 * - `probe`: its store keeps no such label; KMS itself said so while it was about to be rewrapped.
 */
export type CurrentBy = "material" | "key" | "campaign" | "time" | "probe";

/**
 * - `current`: nothing to do.
 * - `stale`: under a key that the campaign concerns, and not current; or its store keeps no key ARN, and nothing says that
 *   this campaign has swapped it.
 * - `other`: under a key that the campaign does not concern.
 */
export type Currency =
  | { readonly kind: "current"; readonly by: CurrentBy }
  | { readonly kind: "stale" }
  | { readonly kind: "other" };

/** Whether evidence counts it apart: the material is concluded, not told. */
export function isConcluded(by: CurrentBy): boolean {
  return by === "campaign" || by === "time";
}

export type WrapLabelsRead = Pick<WrapRef, "keyArn" | "material" | "campaign" | "wrappedAt">;

/**
 * A target of a rotation needs its material or the time of the rotation: without either, the key alone is compared. A key
 * ARN that the store does not keep through a swap (one for all its wraps, by configuration) is not looked at.
 */
export function judgeWrap(
  wrap: WrapLabelsRead,
  { target, campaignId }: RewrapOrder,
  labels: Pick<WrapLabels, "keyArn">,
): Currency {
  const own = wrap.campaign === campaignId;
  if (wrap.keyArn === undefined || !labels.keyArn) return own ? { kind: "current", by: "campaign" } : { kind: "stale" };
  if (wrap.keyArn !== target.keyArn) return { kind: target.sources.includes(wrap.keyArn) ? "stale" : "other" };
  if (wrap.material !== undefined && target.material !== undefined) {
    // Also where this campaign swapped it: KMS may still have used the old material then.
    return wrap.material === target.material ? { kind: "current", by: "material" } : { kind: "stale" };
  }
  if (target.material === undefined && target.rotatedAt === undefined) return { kind: "current", by: "key" };
  if (own) return { kind: "current", by: "campaign" };
  const isLate = target.rotatedAt !== undefined && isAfterRotation(wrap.wrappedAt, target.rotatedAt);
  return isLate ? { kind: "current", by: "time" } : { kind: "stale" };
}

/** A time that is missing or unreadable is before everything. */
function isAfterRotation(wrappedAt: string | undefined, rotatedAt: string): boolean {
  return wrappedAt !== undefined && Date.parse(wrappedAt) >= Date.parse(rotatedAt) + ROTATION_SETTLES_MS;
}
