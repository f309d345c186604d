import { type AwsClientsOptions, createAwsClients } from "@dekhand/aws";
import { createDecryptDeks, createKeyDirectory } from "@dekhand/deks";
import { createKmsGovernors, createKmsQuota } from "@dekhand/kms";
import type { DeploymentConfig, Logger, Metrics } from "@dekhand/runtime";
import { openStores, type StateStore } from "@dekhand/store";
import type { DrillRegion } from "./drill-types.ts";

export interface OpenDrillRegionOptions {
  readonly config: DeploymentConfig;
  /** One of the configuration's. */
  readonly region: string;
  readonly credentials?: AwsClientsOptions["credentials"];
  /** For the shared KMS quota; without it, or where it is away, the drill keeps to the local share. */
  readonly redisUrl?: string | undefined;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface OpenedDrillRegion extends DrillRegion, Disposable {
  /** Of the same Region: where the drill's result belongs. */
  readonly state: StateStore;
}

/** DEKs that stay unwrapped while records under them are opened. */
const maxDeks = 10_000;

/** Clients of that Region and no other: whatever a drill would need beside is not there. Nothing is contacted yet. */
export function openDrillRegion(options: OpenDrillRegionOptions): OpenedDrillRegion {
  const { config, region, credentials, redisUrl, logger, metrics } = options;
  const { prefix, profiles, endpoints } = config;
  const own = Object.hasOwn(endpoints, region) ? endpoints[region] : undefined;
  const clients = createAwsClients({
    regions: [region],
    ...(own ? { endpoints: { [region]: own } } : {}),
    ...(credentials === undefined ? {} : { credentials }),
    logger,
  });
  const { kms: client, dynamodb } = clients.region(region);
  const quota = createKmsQuota({ config: config.quota, prefix, redisUrl, metrics, logger });
  const kms = createKmsGovernors({ clientFor: () => client, quota, metrics, logger })(region);
  const keys = createKeyDirectory({
    profiles,
    kms: (other) => {
      if (other === region) return kms;
      throw new RangeError("a drill asks the keys of its own Region only");
    },
    logger,
  });
  // Production goes first.
  const patient: Pick<typeof kms, "decrypt"> = {
    decrypt: (request, call) => kms.decrypt(request, { ...call, priority: "replicate" }),
  };
  const { deks: store, records, state } = openStores({ client: dynamodb, prefix, logger });
  const deks = createDecryptDeks({ region, keys, kms: patient, store, metrics, maxDeks });
  return {
    region,
    records,
    deks,
    state,
    [Symbol.dispose]() {
      deks.close();
      quota.close();
      clients.destroy();
    },
  };
}
