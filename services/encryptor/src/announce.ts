import { createBullReplicateProducer } from "@dekhand/jobs";
import { createDebtAnnouncer, type DebtAnnouncer } from "@dekhand/recovery";
import { replicateQueue } from "@dekhand/runtime";
import type { WorkerAssembly } from "@dekhand/worker";

/** Undefined where nobody is to be told: without replica Regions, or without a Redis. */
export function announceDebt({ config, redisUrl, logger, metrics }: WorkerAssembly): DebtAnnouncer | undefined {
  const hasReplicas = Object.values(config.profiles).some(({ replicas }) => Object.keys(replicas).length > 0);
  if (redisUrl === undefined || !hasReplicas) return undefined;
  return createDebtAnnouncer({
    producerFor: (region) =>
      createBullReplicateProducer({
        connection: { url: redisUrl },
        queue: replicateQueue(config, region),
        prefix: config.prefix,
        // Nobody waits for it, and a replicator finds the debt without it.
        sendTimeoutMs: 1_000,
      }),
    logger,
    metrics,
  });
}
