/** How long a campaign takes, as far as KMS's quota decides it. */

import { configuredQuota, defaultQuota, shareOf } from "@dekhand/kms";
import type { QuotaConfig } from "@dekhand/runtime";
import type { CampaignControls } from "@dekhand/store";
import type { ConcernedKey, RegionPlan, TargetPlan } from "./plan-types.ts";

export interface DurationOptions {
  readonly quota: QuotaConfig;
  readonly controls: CampaignControls;
  readonly accountQuotas?: Readonly<Record<string, number>> | undefined;
}

export interface Rates {
  accountQuota(region: string): number;
  /** Calls a second that the campaign may make in a Region. */
  ofRegion(region: string): number;
  /** Those that it may make on the keys of one custom key store. */
  ofKeyStore(region: string, keyStore: string): number;
  /** Those that it may make for a target whose calls name these keys. */
  ofKeys(region: string, keyArns: readonly string[]): number;
}

export function planRates(keys: readonly ConcernedKey[], options: DurationOptions): Rates {
  const { quota, accountQuotas = {} } = options;
  const accountQuota = (region: string) =>
    (Object.hasOwn(accountQuotas, region) ? accountQuotas[region] : undefined) ??
    configuredQuota(region, "crypto", quota);
  const ofRegion = (region: string) => campaignPart(shareOf("crypto", accountQuota(region), quota), options);
  const ofKeyStore = (region: string, keyStore: string) => {
    const quotaClass = `key-store:${keyStore}` as const;
    return campaignPart(shareOf(quotaClass, defaultQuota(region, quotaClass), quota), options);
  };
  return {
    accountQuota,
    ofRegion,
    ofKeyStore,
    ofKeys: (region, keyArns) =>
      Math.min(ofRegion(region), ...keyStoresOf(keyArns, keys).map((keyStore) => ofKeyStore(region, keyStore))),
  };
}

/** A Region's targets share its quota, and those with keys in one custom key store share that one's. */
export function planRegions(targets: readonly TargetPlan[], keys: readonly ConcernedKey[], rates: Rates): RegionPlan[] {
  const regions = [...new Set(targets.map(({ region }) => region))];
  return regions.map((region) => {
    const here = targets.filter((target) => target.region === region);
    const kmsCalls = sumOfCalls(here);
    const callsPerSecond = rates.ofRegion(region);
    const keyStores = new Set(here.flatMap((target) => keyStoresOf(keysOf(target), keys)));
    const times = [...keyStores].map((keyStore) => {
      const inStore = here.filter((target) => keyStoresOf(keysOf(target), keys).includes(keyStore));
      return sumOfCalls(inStore) / rates.ofKeyStore(region, keyStore);
    });
    const seconds = Math.max(kmsCalls / callsPerSecond, ...times);
    return { region, accountQuota: rates.accountQuota(region), callsPerSecond, kmsCalls, seconds };
  });
}

export function keysOf({ sources, keyArn }: Pick<TargetPlan, "sources" | "keyArn">): readonly string[] {
  return [...new Set([...sources, keyArn])];
}

/** Of what the floors leave, campaigns take their part at most, and this one perhaps less. */
function campaignPart(share: number, { quota, controls }: DurationOptions): number {
  // With a floor of 1 nothing is shared: all the processes' floors together.
  const shared = quota.floor < 1 ? 1 - quota.floor : 1;
  return share * shared * Math.min(quota.campaign, controls.share ?? 1);
}

function keyStoresOf(keyArns: readonly string[], keys: readonly ConcernedKey[]): readonly string[] {
  const named = keys.filter(({ arn }) => keyArns.includes(arn));
  return [...new Set(named.flatMap(({ keyStore }) => keyStore ?? []))];
}

function sumOfCalls(targets: readonly TargetPlan[]): number {
  return targets.reduce((sum, { kmsCalls }) => sum + kmsCalls.total, 0);
}
