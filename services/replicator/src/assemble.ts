/** A replicator from a deployment's configuration. Nothing is contacted before `start`. */

import { createByteRoom } from "@dekhand/campaign";
import { createBridgeKeys } from "@dekhand/deks";
import { createBullConsumer, type ReplicateJob, replicateJobs } from "@dekhand/jobs";
import { ConfigError, regionsOf, replicateQueue } from "@dekhand/runtime";
import type { StateStore } from "@dekhand/store";
import { type AssembledWorker, assembleWorker, type WorkerAssembly } from "@dekhand/worker";
import { createPatientConsumer } from "./patient-consumer.ts";
import { createDebtPayer } from "./pay-debt.ts";
import { createReplicator, type ReplicatorOptions } from "./replicator.ts";
import { createReplicatorMetrics } from "./replicator-metrics.ts";

export interface ReplicatorAssembly extends WorkerAssembly {
  /** The Regions to copy to. Default: all that have a part in a profile with replica Regions. */
  readonly regions?: readonly string[] | undefined;
  readonly options?: Partial<ReplicatorOptions>;
}

export type AssembledReplicator = AssembledWorker<ReplicateJob>;

/** Envelopes in memory at once, in bytes; each takes a few times its size while it is copied. */
const roomBytes = 64 * 1024 * 1024;

/** Throws ConfigError for a Region that nothing is copied to. */
export function assembleReplicator(assembly: ReplicatorAssembly): AssembledReplicator {
  const { config, concurrency, redisUrl, logger } = assembly;
  const regions = regionsFor(assembly);
  return assembleWorker(assembly, "replicator", async ({ kms, keys, homes, storesOf, state, heartbeat }) => {
    const metrics = createReplicatorMetrics(assembly.metrics);
    const deps = {
      ...{ config, homes, keys, metrics, logger },
      parts: (region: string) => ({ region, stores: storesOf(region), kms: kms(region) }),
      state: (region: string) => storesOf(region).state,
      bridges: createBridgeKeys({ kms }),
      room: createByteRoom(roomBytes),
    };
    const parts = regions.map((region) => ({
      payer: createDebtPayer(region, deps),
      consumer: redisUrl === undefined ? undefined : consumerOf(region, { ...assembly, redisUrl, state }),
    }));
    const service = createReplicator({
      ...{ regions: parts, concurrency, state: deps.state, heartbeat, metrics, logger },
      ...(assembly.options === undefined ? {} : { options: assembly.options }),
    });
    return { service, consumers: parts.flatMap(({ consumer }) => consumer ?? []) };
  });
}

/** A failover makes a home a replica, so that homes are among them. */
function regionsFor({ config, regions }: Pick<ReplicatorAssembly, "config" | "regions">): readonly string[] {
  const copied = Object.values(config.profiles).filter(({ replicas }) => Object.keys(replicas).length > 0);
  const known = new Set(copied.flatMap(regionsOf));
  const unknown = regions?.filter((region) => !known.has(region)) ?? [];
  if (unknown.length === 0) return regions ?? [...known];
  const expected = `Regions of profiles with replicas (${[...known].join(", ")}), not ${unknown.join(", ")}`;
  throw new ConfigError("environment", [{ path: "DEKHAND_REPLICATE_REGIONS", expected }]);
}

function consumerOf(
  region: string,
  assembly: WorkerAssembly & { readonly redisUrl: string; readonly state: Pick<StateStore, "putQuarantine"> },
) {
  const { config, concurrency, leaseSeconds, redisUrl, state, logger, metrics } = assembly;
  const lock =
    leaseSeconds === undefined ? {} : { lockMs: leaseSeconds * 1_000, stalledIntervalMs: leaseSeconds * 500 };
  const open = () =>
    createBullConsumer({
      ...lock,
      jobs: replicateJobs,
      connection: { url: redisUrl },
      queue: replicateQueue(config, region),
      prefix: config.prefix,
      quarantine: (entry, options) => state.putQuarantine(entry, options),
      maxInFlight: concurrency,
      logger,
      metrics,
    });
  return createPatientConsumer({ open, logger });
}
