/** Makes an encryptor's parts from a deployment's configuration, and says what to release when one of them fails. */

import { GetQueueUrlCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { createAwsClients } from "@dekhand/aws";
import { createEncryptDeks, createKeyDirectory, createTransitKeys } from "@dekhand/deks";
import {
  createBullConsumer,
  createSqsConsumer,
  createTransitKeyring,
  type JobConsumer,
  JobsError,
  type TransitKeyring,
} from "@dekhand/jobs";
import { createKmsGovernor, createKmsQuota, createServiceQuotas, type KmsGovernor, type KmsQuota } from "@dekhand/kms";
import type { Service } from "@dekhand/runtime";
import { openStores, type StateStore, type Stores } from "@dekhand/store";
import { createEncryptor } from "./encryptor.ts";
import type { EncryptorAssembly } from "./encryptor-assembly.ts";
import { createHeartbeat } from "./heartbeat.ts";

export interface WiredEncryptor {
  readonly service: Service;
  readonly consumers: readonly JobConsumer[];
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
    const consumers = await makeConsumers(assembly, { sqs: clients.region(config.control).sqs, state, keyring });
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

interface QueueParts {
  readonly sqs: SQSClient;
  readonly state: Pick<StateStore, "putQuarantine">;
  readonly keyring: TransitKeyring | undefined;
}

/** SQS always; BullMQ where a Redis is configured. */
async function makeConsumers(assembly: EncryptorAssembly, { sqs, state, keyring }: QueueParts): Promise<JobConsumer[]> {
  const { config, redisUrl, concurrency, leaseSeconds, logger, metrics } = assembly;
  const queue = config.queues.encrypt;
  const shared = {
    logger,
    metrics,
    maxInFlight: concurrency,
    maxPayloadBytes: config.limits.payloadBytes,
    ...(keyring === undefined ? {} : { transit: keyring }),
  };
  const visibility = leaseSeconds === undefined ? {} : { visibilitySeconds: leaseSeconds };
  const lock =
    leaseSeconds === undefined ? {} : { lockMs: leaseSeconds * 1_000, stalledIntervalMs: leaseSeconds * 500 };
  const url = await queueUrl(sqs, queue);
  const consumers = [createSqsConsumer({ ...shared, ...visibility, client: sqs, queueUrl: url })];
  if (redisUrl === undefined) return consumers;
  const bull = createBullConsumer({
    ...shared,
    ...lock,
    connection: { url: redisUrl },
    queue,
    prefix: config.prefix,
    quarantine: (entry, options) => state.putQuarantine(entry, options),
  });
  return [...consumers, bull];
}

async function queueUrl(sqs: SQSClient, queue: string): Promise<string> {
  try {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
    if (QueueUrl !== undefined) return QueueUrl;
  } catch (cause) {
    throw new JobsError("JOBS_QUEUE_UNREACHABLE", "the SQS queue cannot be found; `dekhand init` creates it", {
      cause,
      context: { queue },
    });
  }
  throw new JobsError("JOBS_QUEUE_UNREACHABLE", "SQS named no URL for the queue", { context: { queue } });
}
