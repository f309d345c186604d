import type { CallOptions, KmsGovernor } from "@dekhand/kms";
import { type DeploymentConfig, isKeyArn, keyReferenceRegion, type WrapStoreConfig } from "@dekhand/runtime";
import { createKeys } from "../plan/look-up-keys.ts";

/** Paths of settings that mean the key. */
export interface ConfigurationUse {
  /** New wraps would be made under it. */
  readonly current: readonly string[];
  /** What is under it may still be opened and rewrapped. */
  readonly listed: readonly string[];
}

/** By what the names of the configuration stand for today. Throws KmsError where KMS cannot tell that. */
export async function configurationUse(
  keyArn: string,
  config: DeploymentConfig,
  kms: Pick<KmsGovernor, "region" | "describeKey">,
  options: CallOptions,
): Promise<ConfigurationUse> {
  const { region } = kms;
  const keys = createKeys({ describeKey: (_region, reference, call) => kms.describeKey(reference, call) }, options);
  const means = async (reference: string): Promise<boolean> => {
    // A key of another account may refuse to be looked at; its ARN says enough.
    if (isKeyArn(reference)) return reference === keyArn;
    if ((keyReferenceRegion(reference) ?? region) !== region) return false;
    return (await keys.find(region, reference))?.arn === keyArn;
  };
  const [current, listed]: [string[], string[]] = [[], []];
  const check = async (path: string, key: string, retiring: readonly string[]) => {
    if (await means(key)) current.push(`${path}.key`);
    for (const each of retiring) if (await means(each)) listed.push(`${path}.retiring`);
  };

  const { profiles, transit, wrapStores } = config;
  for (const { name, home, key, retiring, replicas } of Object.values(profiles)) {
    const path = `profiles.${name}`;
    if (home === region) await check(path, key, retiring);
    for (const replica of Object.values(replicas)) {
      const there = `${path}.replicas.${replica.region}`;
      if (replica.region === region) await check(there, replica.key, replica.retiring);
      // Both Regions have a bridge's key, by one name.
      const isNear = [home, replica.region].includes(region);
      if (isNear && replica.bridge !== undefined && (await means(replica.bridge))) current.push(`${there}.bridge`);
    }
  }
  if (transit && (transit.region ?? config.control) === region) {
    await check("transit", transit.key, transit.retiring);
  }
  for (const store of Object.values(wrapStores)) {
    if (store.region !== region) continue;
    const path = `wrapStores.${store.name}`;
    const constant = constantKey(store);
    if (constant !== undefined && (await means(constant))) current.push(`${path}.${store.kind}.keyArn`);
    const meant = await Promise.all(store.keys.map(means));
    // With no other key listed, what its owner wraps anew can be under this one only.
    if (meant.length > 0 && meant.every(Boolean)) current.push(`${path}.keys`);
    else if (meant.some(Boolean)) listed.push(`${path}.keys`);
  }
  return { current, listed };
}

/** The key that all wraps of a store are said to be under. */
function constantKey(store: WrapStoreConfig): string | undefined {
  if (store.kind === "postgres") return store.keyArn;
  if (store.kind !== "dynamodb" || store.mapping.keyArn === undefined) return undefined;
  return "constant" in store.mapping.keyArn ? store.mapping.keyArn.constant : undefined;
}
