import type { DeploymentConfig } from "@dekhand/runtime";
import type { WrapPlace } from "../plan/choose-places.ts";

/** Dekhand's own stores: wraps of DEKs in every home Region, and those of the transit keys where they are under such a key. */
export function ownPlaces({
  control,
  profiles,
  transit,
}: Pick<DeploymentConfig, "control" | "profiles" | "transit">): readonly WrapPlace[] {
  const homes = new Set(Object.values(profiles).map(({ home }) => home));
  const deks = [...homes].map((region) => ({ store: { name: "dekhand", region } }));
  if (!transit) return deks;
  const { key, retiring, region = control } = transit;
  return [...deks, { store: { name: "transit", region }, keys: [key, ...retiring] }];
}
