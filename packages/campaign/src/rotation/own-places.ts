import { type DeploymentConfig, regionsOf } from "@dekhand/runtime";
import type { WrapPlace } from "../plan/choose-places.ts";

/** Dekhand's own stores: wraps of DEKs in every Region of a profile, and those of the transit keys where they are under such a key. */
export function ownPlaces({
  control,
  profiles,
  transit,
}: Pick<DeploymentConfig, "control" | "profiles" | "transit">): readonly WrapPlace[] {
  const regions = new Set(Object.values(profiles).flatMap(regionsOf));
  const deks = [...regions].map((region) => ({ store: { name: "dekhand", region } }));
  if (!transit) return deks;
  const { key, retiring, region = control } = transit;
  return [...deks, { store: { name: "transit", region }, keys: [key, ...retiring] }];
}
