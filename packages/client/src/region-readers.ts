/**
 * What reading needs in each Region that is a profile's home: its tables, its
 * KMS, and the unwrapped DEKs of that Region. Each is opened on its own first
 * use, so that one Region's outage is nobody else's.
 */

import { type AwsClients, createAwsClients } from "@dekhand/aws";
import { createDecryptDeks, createKeyDirectory, type DecryptDeks } from "@dekhand/deks";
import { createKmsGovernors, createKmsQuota, type KmsGovernor, type KmsQuota } from "@dekhand/kms";
import type { DeploymentConfig, Logger, Metrics } from "@dekhand/runtime";
import { openStores } from "@dekhand/store";
import type { ReadableRegion, ReaderRegion } from "./record-reader.ts";

export interface RegionReadersOptions {
  readonly config: DeploymentConfig;
  readonly clients: AwsClients;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The Redis that the KMS quota is shared through; without it, reading keeps to this process's local share. */
  readonly redisUrl?: string | undefined;
  /** The Region to look into first. */
  readonly preferred?: string | undefined;
}

export interface RegionReaders {
  /** In the order of preference. */
  readonly regions: readonly ReaderRegion[];
  /** Wipes the unwrapped DEKs. */
  close(): void;
}

export function createRegionReaders(options: RegionReadersOptions): RegionReaders {
  const { config, clients, logger, metrics, redisUrl } = options;
  const decrypting: DecryptDeks[] = [];
  // Opened with the first Region: a client that only submits makes no KMS call, and needs no connection for one.
  let quota: KmsQuota | undefined;
  let governors: ((region: string) => KmsGovernor) | undefined;
  const kms = (region: string): KmsGovernor => {
    quota ??= createKmsQuota({ config: config.quota, prefix: config.prefix, redisUrl, metrics, logger });
    governors ??= createKmsGovernors({ clientFor: (name) => clients.region(name).kms, quota, metrics, logger });
    return governors(region);
  };
  const keys = createKeyDirectory({ profiles: config.profiles, kms, logger });

  const openRegion = async (region: string): Promise<ReadableRegion> => {
    const { dynamodb } = clients.region(region);
    const stores = await openStores({ client: dynamodb, prefix: config.prefix, logger });
    const deks = createDecryptDeks({ region, keys, kms: kms(region), store: stores.deks, metrics });
    decrypting.push(deks);
    return { region, records: stores.records, deks };
  };

  const homes = [...new Set(Object.values(config.profiles).map(({ home }) => home))];
  const order = homes.toSorted((a, b) => Number(b === options.preferred) - Number(a === options.preferred));

  return {
    regions: order.map((region) => {
      let opened: Promise<ReadableRegion> | undefined;
      return {
        region,
        open() {
          opened ??= openRegion(region).catch((error: unknown) => {
            // The next reader tries again.
            opened = undefined;
            throw error;
          });
          return opened;
        },
      };
    }),
    close() {
      for (const deks of decrypting) deks.close();
      quota?.close();
    },
  };
}

export function clientsFor(
  config: DeploymentConfig,
  options: { credentials?: Credentials; logger: Logger },
): AwsClients {
  return createAwsClients({
    regions: config.regions,
    endpoints: config.endpoints,
    logger: options.logger,
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  });
}

export type Credentials = NonNullable<Parameters<typeof createAwsClients>[0]["credentials"]>;
