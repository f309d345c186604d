/**
 * What tells one material of a key from its others, so that each is handled once:
 * the key material id; where KMS tells none, the time of the rotation that made it
 * the current one.
 */

import type { CallOptions, KeyRotation } from "@dekhand/kms";
import type { CampaignTarget } from "@dekhand/store";
import { currentMaterial, findRotations, type RotationLookup } from "../plan/find-rotation.ts";
import type { SeenKey } from "./see-keys.ts";

/**
 * - `known`: the current material has that identity.
 * - `first`: KMS tells no material ids, and that the key has not been rotated.
 * - `untold`: KMS tells neither material nor rotations: nothing could be done exactly once.
 * - `unsettled`: related keys have different material in two Regions: KMS is still at it.
 */
export type IdentifiedMaterial =
  | { readonly kind: "known"; readonly material: string }
  | { readonly kind: "first" | "untold" | "unsettled" };

/** Throws KmsError where KMS could not be asked. */
export async function identifyMaterial(
  { regional: [key, ...others] }: SeenKey,
  lookup: RotationLookup,
  options: CallOptions,
): Promise<IdentifiedMaterial> {
  if (key === undefined) return { kind: "untold" };
  if (others.some(({ material }) => material !== key.material)) return { kind: "unsettled" };
  if (key.material !== undefined) return { kind: "known", material: key.material };
  const rotations = await findRotations(key.region, key.arn, lookup, options);
  if (rotations === undefined) return { kind: "untold" };
  if (!rotations.some(isRotation)) return { kind: "first" };
  const material = materialOf(currentMaterial(key.region, key, rotations));
  return material === undefined ? { kind: "untold" } : { kind: "known", material };
}

/** The identity of the material that a campaign's target names. */
export function materialOf({
  material,
  rotatedAt,
}: Pick<CampaignTarget, "material" | "rotatedAt">): string | undefined {
  return material ?? (rotatedAt === undefined ? undefined : `rotated-at-${rotatedAt}`);
}

/**
 * What a list of rotations says of the material that a key was described with:
 * - `first`: the key was never rotated.
 * - `later`: it was, or KMS does not tell.
 * - `unsettled`: the list does not know that material yet.
 */
export function ageOfMaterial(
  material: string,
  rotations: readonly KeyRotation[] | undefined,
): "first" | "later" | "unsettled" {
  if (rotations === undefined || rotations.some(isRotation)) return "later";
  const listed = rotations.flatMap((one) => one.material ?? []);
  return listed.length === 0 || listed.includes(material) ? "first" : "unsettled";
}

function isRotation({ rotatedAt }: KeyRotation): boolean {
  return rotatedAt !== undefined;
}
