/** A rewrapper from a deployment's configuration. Nothing is contacted before `start`. */

import { createResealing } from "@dekhand/campaign";
import { type RewrapJob, rewrapJobs } from "@dekhand/jobs";
import { type AssembledWorker, assembleWorker, type WorkerAssembly } from "@dekhand/worker";
import { createRewrapper, type RewrapperOptions } from "./rewrapper.ts";
import { createSegmentHandler, type SegmentHandlerOptions } from "./segment-handler.ts";

export interface RewrapperAssembly extends WorkerAssembly {
  readonly options?: Partial<RewrapperOptions>;
  readonly segments?: Partial<SegmentHandlerOptions>;
}

export type AssembledRewrapper = AssembledWorker<RewrapJob>;

export function assembleRewrapper(assembly: RewrapperAssembly): AssembledRewrapper {
  const { config, concurrency, workerId, logger, metrics } = assembly;
  return assembleWorker(assembly, "rewrapper", async ({ kms, keys, storesOf, heartbeat, quota, ...worker }) => {
    const homes = new Set(Object.values(config.profiles).map(({ home }) => home));
    const wraps = await worker.openWrapAccess();
    const resealing = createResealing({ profiles: config.profiles, keys, kms, stores: storesOf, logger, metrics });
    const segments = createSegmentHandler({
      reseal: (region) => (homes.has(region) ? resealing.access(region) : undefined),
      campaigns: storesOf(config.control).campaigns,
      access: (store, region) => wraps.find(store, region),
      workerId,
      quota,
      logger,
      ...(assembly.segments === undefined ? {} : { options: assembly.segments }),
    });
    const consumers = await worker.openConsumers(rewrapJobs, config.queues.rewrap);
    const service = createRewrapper({
      consumers,
      keys,
      regions: new Map(
        [...homes].map((region) => {
          const { deks: store, state } = storesOf(region);
          return [region, { kms: kms(region), store, state }];
        }),
      ),
      segments,
      heartbeat,
      logger,
      // Half of the slots stay for the other profiles.
      options: { maxWaitingForKey: Math.ceil(concurrency / 2), ...assembly.options },
    });
    return { service, consumers, release: () => resealing.close() };
  });
}
