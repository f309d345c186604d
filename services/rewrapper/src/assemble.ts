/** A rewrapper from a deployment's configuration. Nothing is contacted before `start`. */

import { createResealing } from "@dekhand/campaign";
import { type RewrapJob, rewrapJobs } from "@dekhand/jobs";
import { regionsOf } from "@dekhand/runtime";
import { type AssembledWorker, assembleWorker, type WorkerAssembly } from "@dekhand/worker";
import { createDekTables } from "./dek-tables.ts";
import type { RewrapRegion } from "./rewrap-job.ts";
import { createRewrapper, type RewrapperOptions } from "./rewrapper.ts";
import { createSegmentHandler, type SegmentHandlerOptions } from "./segment-handler.ts";

export interface RewrapperAssembly extends WorkerAssembly {
  readonly options?: Partial<RewrapperOptions>;
  readonly segments?: Partial<SegmentHandlerOptions>;
}

export type AssembledRewrapper = AssembledWorker<RewrapJob>;

export function assembleRewrapper(assembly: RewrapperAssembly): AssembledRewrapper {
  const { config, concurrency, workerId, logger, metrics } = assembly;
  return assembleWorker(
    assembly,
    "rewrapper",
    async ({ kms, keys, homes: moving, storesOf, heartbeat, quota, ...worker }) => {
      const regions = new Set(Object.values(config.profiles).flatMap(regionsOf));
      const wraps = await worker.openWrapAccess();
      const resealing = createResealing({
        ...{ profiles: config.profiles, homes: moving, keys, kms, stores: storesOf, logger, metrics },
      });
      const segments = createSegmentHandler({
        reseal: (region) => (regions.has(region) ? resealing.access(region) : undefined),
        campaigns: storesOf(config.control).campaigns,
        access: (store, region) => wraps.find(store, region),
        workerId,
        quota,
        logger,
        ...(assembly.segments === undefined ? {} : { options: assembly.segments }),
      });
      const tableOf = createDekTables({ config, storesOf, homes: moving });
      const consumers = await worker.openConsumers(rewrapJobs, config.queues.rewrap);
      const service = createRewrapper({
        consumers,
        keys,
        async homeOf(name, options) {
          const { profile } = await moving.of(name, options);
          return { profile, store: storesOf(profile.home).deks };
        },
        regions: new Map(
          [...regions].map((region) => {
            const storeOf: RewrapRegion["storeOf"] = (dekId, options) => tableOf(region, dekId, options);
            return [region, { kms: kms(region), state: storesOf(region).state, storeOf }];
          }),
        ),
        segments,
        heartbeat,
        logger,
        // Half of the slots stay for the other profiles.
        options: { maxWaitingForKey: Math.ceil(concurrency / 2), ...assembly.options },
      });
      return { service, consumers, release: () => resealing.close() };
    },
  );
}
