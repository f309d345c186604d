/**
 * What reading needs in each Region: its tables, its KMS, and the DEKs that were
 * unwrapped there. Nothing of one Region is used for another, and each is opened
 * on its own first use, so that one Region's outage is nobody else's.
 */

import type { AwsClients } from "@dekhand/aws";
import { createDecryptDeks, createKeyDirectory, type DecryptDeks } from "@dekhand/deks";
import { createKmsGovernors, createKmsQuota, type KmsGovernor, type KmsQuota } from "@dekhand/kms";
import type { DeploymentConfig, Logger, Metrics } from "@dekhand/runtime";
import { openStores } from "@dekhand/store";
import type { ReadableRegion, ReaderRegion } from "./read-in-region.ts";
import { limitSteps, type RegionSteps, type TimeLimits } from "./time-limits.ts";

export interface RegionReadersOptions {
  readonly config: DeploymentConfig;
  readonly clients: AwsClients;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The Redis that the KMS quota is shared through; without it, reading keeps to this process's local share. */
  readonly redisUrl?: string | undefined;
  /** None where there is no other Region to turn to. */
  readonly limits?: TimeLimits | undefined;
}

export interface RegionReaders {
  region(name: string): ReaderRegion;
  /** Wipes the unwrapped DEKs. */
  close(): void;
}

export function createRegionReaders(options: RegionReadersOptions): RegionReaders {
  const { config, clients, logger, metrics, redisUrl, limits } = options;
  const decrypting: DecryptDeks[] = [];
  // Opened with the first Region: a client that only submits makes no KMS call, and needs no connection for one.
  let quota: KmsQuota | undefined;
  let governors: ((region: string) => KmsGovernor) | undefined;
  const governor = (region: string): KmsGovernor => {
    quota ??= createKmsQuota({ config: config.quota, prefix: config.prefix, redisUrl, metrics, logger });
    governors ??= createKmsGovernors({ clientFor: (name) => clients.region(name).kms, quota, metrics, logger });
    return governors(region);
  };

  const steps = new Map<string, RegionSteps>();
  const stepsOf = (region: string): RegionSteps => {
    const known = steps.get(region);
    if (known) return known;
    const { records, deks } = openStores({ client: clients.region(region).dynamodb, prefix: config.prefix, logger });
    const plain: RegionSteps = { records, deks, kms: governor(region) };
    const made = limits ? limitSteps(region, plain, limits) : plain;
    steps.set(region, made);
    return made;
  };
  const keys = createKeyDirectory({ profiles: config.profiles, kms: (region) => stepsOf(region).kms, logger });

  const openRegion = (region: string): ReadableRegion => {
    const { records, deks: store, kms } = stepsOf(region);
    const deks = createDecryptDeks({ region, keys, kms, store, metrics });
    decrypting.push(deks);
    return { region, records, deks };
  };

  const opened = new Map<string, ReadableRegion>();
  return {
    region: (region) => ({
      region,
      open() {
        const known = opened.get(region) ?? openRegion(region);
        opened.set(region, known);
        return known;
      },
    }),
    close() {
      for (const deks of decrypting) deks.close();
      quota?.close();
    },
  };
}
