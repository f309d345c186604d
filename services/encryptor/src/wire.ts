/** Makes an encryptor's parts from a deployment's configuration, and says what to release when one of them fails. */

import { createAwsClients } from "@dekhand/aws";
import { createEncryptDeks, createHeartbeat, createKeyDirectory, createTransitKeys } from "@dekhand/deks";
import { createTransitKeyring, type EncryptJob, encryptJobs, type JobConsumer, openConsumers } from "@dekhand/jobs";
import { createKmsGovernor, createKmsQuota, createServiceQuotas, type KmsGovernor, type KmsQuota } from "@dekhand/kms";
import type { Service } from "@dekhand/runtime";
import { openStores, type Stores } from "@dekhand/store";
import { createEncryptor } from "./encryptor.ts";
import type { EncryptorAssembly } from "./encryptor-assembly.ts";

export interface WiredEncryptor {
  readonly service: Service;
  readonly consumers: readonly JobConsumer<EncryptJob>[];
  /** Whether the state table could be written lately. */
  ready(): boolean;
  readonly quota: Pick<KmsQuota, "status">;
  /** Closes connections; after the service has drained. */
  release(): void;
}

/** Throws KmsError, StoreError and JobsError when what the encryptor needs cannot be reached. */
export async function wireEncryptor(assembly: EncryptorAssembly): Promise<WiredEncryptor> {
  const { config, credentials, logger, metrics } = assembly;
  const clients = createAwsClients({
    regions: config.regions,
    endpoints: config.endpoints,
    logger,
    ...(credentials === undefined ? {} : { credentials }),
  });
  const quota = createKmsQuota({
    config: config.quota,
    prefix: config.prefix,
    redisUrl: assembly.redisUrl,
    serviceQuotas: createServiceQuotas({ clientFor: (region) => clients.region(region).serviceQuotas, logger }),
    metrics,
    logger,
  });
  const disconnect = () => {
    quota.close();
    clients.destroy();
  };
  try {
    const governors = new Map<string, KmsGovernor>(
      config.regions.map((region) => [
        region,
        createKmsGovernor({ region, client: clients.region(region).kms, quota, metrics, logger }),
      ]),
    );
    const kms = (region: string): KmsGovernor => known(governors, region);
    const homes = new Set([config.control, ...Object.values(config.profiles).map(({ home }) => home)]);
    const stores = new Map<string, Stores>();
    for (const region of homes) {
      stores.set(region, await openStores({ client: clients.region(region).dynamodb, prefix: config.prefix, logger }));
    }
    const { state } = known(stores, config.control);
    const keys = createKeyDirectory({ profiles: config.profiles, kms, logger });
    const deks = createEncryptDeks({ keys, kms, store: (region) => known(stores, region).deks, logger, metrics });
    const { transit } = config;
    const transitKeys =
      transit && createTransitKeys({ state, kms: kms(transit.region ?? config.control), key: transit.key });
    const keyring = transitKeys && createTransitKeyring({ load: transitKeys.load });
    const parse = { maxPayloadBytes: config.limits.payloadBytes };
    const consumers = await openConsumers({
      jobs: encryptJobs(keyring === undefined ? parse : { ...parse, transit: keyring }),
      queue: config.queues.encrypt,
      sqs: clients.region(config.control).sqs,
      redisUrl: assembly.redisUrl,
      prefix: config.prefix,
      quarantine: (entry, options) => state.putQuarantine(entry, options),
      concurrency: assembly.concurrency,
      leaseSeconds: assembly.leaseSeconds,
      logger,
      metrics,
    });
    const { workerId, version } = assembly;
    const profiles = Object.keys(config.profiles);
    const heartbeat = createHeartbeat({ workerId, version, service: "encryptor", profiles, state, keys, logger });
    const service = createEncryptor({
      config,
      consumers,
      deks,
      records: new Map([...stores].map(([region, { records }]) => [region, records])),
      heartbeat,
      logger,
      // Half of the slots stay for the other profiles.
      options: { maxWaitingForKey: Math.ceil(assembly.concurrency / 2), ...assembly.options },
    });
    const release = () => {
      keyring?.close();
      disconnect();
    };
    return { service, consumers, quota, ready: () => heartbeat.ok, release };
  } catch (error) {
    disconnect();
    throw error;
  }
}

function known<T>(map: ReadonlyMap<string, T>, region: string): T {
  const found = map.get(region);
  if (found === undefined)
    throw new RangeError("the configuration's relations are checked: every Region it uses is listed");
  return found;
}
