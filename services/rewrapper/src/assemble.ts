/** A rewrapper from a deployment's configuration. Nothing is contacted before `start`. */

import { type RewrapJob, rewrapJobs } from "@dekhand/jobs";
import { type AssembledWorker, assembleWorker, type WorkerAssembly } from "@dekhand/worker";
import type { SegmentHandler } from "./rewrap-job.ts";
import { createRewrapper, type RewrapperOptions } from "./rewrapper.ts";

export interface RewrapperAssembly extends WorkerAssembly {
  /** Works at segments of campaigns. Without it, their jobs are handed back. */
  readonly segments?: SegmentHandler;
  readonly options?: Partial<RewrapperOptions>;
}

export type AssembledRewrapper = AssembledWorker<RewrapJob>;

export function assembleRewrapper(assembly: RewrapperAssembly): AssembledRewrapper {
  const { config, concurrency, segments, logger } = assembly;
  return assembleWorker(assembly, "rewrapper", async ({ kms, keys, homes, storesOf, heartbeat, ...worker }) => {
    const consumers = await worker.openConsumers(rewrapJobs, config.queues.rewrap);
    const service = createRewrapper({
      consumers,
      keys,
      regions: new Map([...homes].map((region) => [region, { kms: kms(region), store: storesOf(region).deks }])),
      segments,
      heartbeat,
      logger,
      // Half of the slots stay for the other profiles.
      options: { maxWaitingForKey: Math.ceil(concurrency / 2), ...assembly.options },
    });
    return { service, consumers };
  });
}
