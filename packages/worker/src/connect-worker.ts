/** Everything that a worker reaches, from a deployment's configuration. */

import { createAwsClients } from "@dekhand/aws";
import { type OpenedWrapAccess, openWrapAccess } from "@dekhand/campaign";
import {
  createHeartbeat,
  createKeyDirectory,
  createProfileHomes,
  type Heartbeat,
  type KeyDirectory,
  type ProfileHomes,
} from "@dekhand/deks";
import { type JobConsumer, type JobKind, openConsumers } from "@dekhand/jobs";
import { createKmsGovernors, createKmsQuota, createServiceQuotas, type KmsGovernor, type KmsQuota } from "@dekhand/kms";
import { type CallOptions, openStores, type StateStore, type Stores } from "@dekhand/store";
import type { WorkerAssembly } from "./worker-assembly.ts";

export interface WorkerConnections {
  readonly quota: Pick<KmsQuota, "status" | "setCampaignShare">;
  /** The governor of one of the deployment's Regions. */
  readonly kms: (region: string) => KmsGovernor;
  /** The tables of one of the deployment's Regions. They are contacted when they are used. */
  readonly storesOf: (region: string) => Stores;
  /** Of the control Region. */
  readonly state: StateStore;
  /** Where each profile's DEKs are made by now, as the control Region says. */
  readonly homes: ProfileHomes;
  readonly keys: KeyDirectory;
  readonly heartbeat: Heartbeat;
  /** The ends of the queue of that name. Throws JobsError. */
  openConsumers<Job>(jobs: JobKind<Job>, queue: string): Promise<JobConsumer<Job>[]>;
  /**
   * Every wrap store of the configuration, opened when it is first asked for, and closed by `close`. Throws ConfigError
   * where a variable with a connection string is missing, StoreError for a store that cannot be opened.
   */
  openWrapAccess(): Promise<OpenedWrapAccess>;
  /** Closes connections; after the service has drained. */
  close(): Promise<void>;
}

/**
 * `service` is told in heartbeats. Of all Regions, only the control Region has to be there: throws StoreError when its
 * tables cannot be reached; nothing is left open then.
 */
export async function connectWorker(assembly: WorkerAssembly, service: string): Promise<WorkerConnections> {
  const { config, workerId, version, concurrency, leaseSeconds, redisUrl, credentials, logger, metrics } = assembly;
  const { secret = () => undefined, homesRefreshMs } = assembly;
  const { control, prefix, regions } = config;
  const clients = createAwsClients({
    regions,
    endpoints: config.endpoints,
    logger,
    ...(credentials === undefined ? {} : { credentials }),
  });
  const serviceQuotas = createServiceQuotas({ clientFor: (region) => clients.region(region).serviceQuotas, logger });
  const quota = createKmsQuota({ config: config.quota, prefix, redisUrl, serviceQuotas, metrics, logger });
  let wrapAccess: Promise<OpenedWrapAccess> | undefined;
  let homes: ProfileHomes | undefined;
  const close = async () => {
    homes?.close();
    const opened = await wrapAccess?.catch(() => undefined);
    try {
      await opened?.[Symbol.asyncDispose]();
    } finally {
      quota.close();
      clients.destroy();
    }
  };
  try {
    const kms = createKmsGovernors({ clientFor: (region) => clients.region(region).kms, quota, metrics, logger });
    // Now, so that each Region's series are there from the start.
    for (const region of regions) kms(region);
    const stores = new Map<string, Stores>();
    for (const region of regions)
      stores.set(region, openStores({ client: clients.region(region).dynamodb, prefix, logger }));
    const storesOf = (region: string): Stores => {
      const found = stores.get(region);
      if (found === undefined)
        throw new RangeError("the configuration's relations are checked: every Region it uses is listed");
      return found;
    };
    const { state, probe } = storesOf(control);
    await probe();
    const refresh = homesRefreshMs === undefined ? {} : { refreshMs: homesRefreshMs };
    const moving = createProfileHomes({ profiles: config.profiles, state, logger, ...refresh });
    homes = moving;
    const keys = createKeyDirectory({ profiles: config.profiles, kms, logger });
    const profiles = Object.keys(config.profiles);
    const dynamodb = (region: string) => clients.region(region).dynamodb;
    const homeOf = async (profile: string, options: CallOptions) => (await moving.of(profile, options)).profile.home;
    return {
      quota,
      kms,
      storesOf,
      state,
      homes,
      keys,
      heartbeat: createHeartbeat({ workerId, version, service, profiles, state, keys, homes, logger }),
      openConsumers: (jobs, queue) =>
        openConsumers({
          jobs,
          queue,
          sqs: clients.region(control).sqs,
          redisUrl,
          prefix,
          quarantine: (entry, options) => state.putQuarantine(entry, options),
          concurrency,
          leaseSeconds,
          logger,
          metrics,
        }),
      openWrapAccess() {
        const deps = { config, dynamodb, kms, keys, homeOf, stores: storesOf, secret, logger };
        // What could not be opened may be there when it is asked for again.
        wrapAccess ??= openWrapAccess(deps).catch((error: unknown) => {
          wrapAccess = undefined;
          throw error;
        });
        return wrapAccess;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
