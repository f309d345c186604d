/**
 * The replicator: pays what replica Regions are owed. Jobs tell it of new debt;
 * what they do not tell of it finds in the tables. Each Region has its queue, its
 * slots and its sweep: trouble of one pauses no other.
 */

import type { Heartbeat } from "@dekhand/deks";
import type { JobConsumer, ReplicateJob } from "@dekhand/jobs";
import type { Logger, Service } from "@dekhand/runtime";
import type { StateStore } from "@dekhand/store";
import { createQueueWorker } from "@dekhand/worker";
import type { DebtPayer } from "./pay-debt.ts";
import { createReplicateHandler } from "./replicate-job.ts";
import type { ReplicatorMetrics } from "./replicator-metrics.ts";
import { type SweepOptions, sweepDebt } from "./sweep.ts";

export interface ReplicatorDeps {
  readonly regions: readonly ReplicatorRegion[];
  /** Jobs in work at once, of each Region. */
  readonly concurrency: number;
  readonly state: (region: string) => Pick<StateStore, "listDebt" | "debtStatus">;
  readonly heartbeat: Heartbeat;
  readonly metrics: ReplicatorMetrics;
  readonly logger: Logger;
  readonly options?: Partial<ReplicatorOptions>;
}

export interface ReplicatorRegion {
  readonly payer: DebtPayer;
  /** Of the Region's own queue; undefined without a Redis. */
  readonly consumer: JobConsumer<ReplicateJob> | undefined;
}

export interface ReplicatorOptions extends SweepOptions {
  /** How long a job waits for trouble to pass before it goes back to its queue, in milliseconds. */
  readonly holdMs: number;
}

export function createReplicator(deps: ReplicatorDeps): Service {
  const { regions, concurrency, state, heartbeat, metrics, logger, options = {} } = deps;
  const inHand = new Set<string>();
  const stopped = new AbortController();
  let sweeps: Promise<unknown> = Promise.resolve();
  const { holdMs } = options;
  const worker = createQueueWorker({
    takes: "replicate jobs",
    consumers: regions.flatMap(({ consumer }) => consumer ?? []),
    handler: createReplicateHandler({
      payers: new Map(regions.map(({ payer }) => [payer.region, payer])),
      inHand,
      logger,
      ...(holdMs === undefined ? {} : { holdMs }),
    }),
    heartbeat,
    logger,
  });
  return {
    async start() {
      await worker.start();
      sweeps = Promise.all(
        regions.map(({ payer, consumer }) => {
          const isBusy = () => (consumer?.stats().inFlight ?? 0) >= concurrency;
          return sweepDebt({ payer, state, isBusy, inHand, metrics, logger, options }, stopped.signal);
        }),
      );
    },
    async drain(deadline) {
      stopped.abort();
      await Promise.all([sweeps, worker.drain(deadline)]);
    },
  };
}
