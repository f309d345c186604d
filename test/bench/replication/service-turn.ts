/**
 * One turn of a service: from its start until it has done its jobs, and is drained.
 *
 * It is the service as it is deployed, with Redis, governor, heartbeat and metrics. A replicator leaves to its queue what it
 * would otherwise find in the tables as well once it has lain there for some seconds: here it lies there until its turn.
 */

import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { assembleEncryptor } from "@dekhand/encryptor";
import type { JobConsumer } from "@dekhand/jobs";
import { assembleReplicator } from "@dekhand/replicator";
import { createLogger, createMetrics, parseDeploymentConfig, type Service } from "@dekhand/runtime";
import { collectGarbage } from "../collect-garbage.ts";
import { credentials, type ServiceTurn, type TurnResult } from "./settings.ts";

/** CPU: until it has drained. Seconds: until the last job is done. Throws where a job was rejected, or it takes too long. */
export async function runServiceTurn(turn: ServiceTurn): Promise<TurnResult> {
  const service = assemble(turn);
  collectGarbage();
  const cpu = process.cpuUsage();
  const from = performance.now();
  await service.start();
  try {
    await untilDone(service, turn.jobs);
  } catch (error) {
    await service.drain({ ms: drainMs });
    throw error;
  }
  const seconds = (performance.now() - from) / 1_000;
  await service.drain({ ms: drainMs });
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuMicros: user + system };
}

const drainMs = 10_000;
const pollMs = 5;
const boundMs = 180_000;

/** A service tells nobody that it has nothing left to do: it is asked. */
async function untilDone(service: Counted, jobs: number): Promise<void> {
  const endMs = performance.now() + boundMs;
  for (;;) {
    const stats = service.consumers().map((consumer) => consumer.stats());
    const done = stats.reduce((total, each) => total + each.done, 0);
    if (stats.some(({ rejected }) => rejected > 0)) throw new Error("a job was rejected");
    if (done >= jobs) return;
    if (performance.now() > endMs) throw new Error(`${done} of ${jobs} jobs were done in ${boundMs / 1_000} s`);
    await delay(pollMs);
  }
}

interface Counted extends Service {
  consumers(): readonly Pick<JobConsumer<unknown>, "stats">[];
}

function assemble({ service, configYaml, redisUrl, region, concurrency }: ServiceTurn): Counted {
  const shared = {
    ...{ redisUrl, credentials, concurrency },
    config: parseDeploymentConfig(configYaml, "the benchmark"),
    workerId: `bench-${randomUUID()}`,
    version: "0.0.0-bench",
    logger: createLogger({ service, level: "error", destination: process.stderr }),
    metrics: createMetrics({ service }),
  };
  switch (service) {
    case "encryptor":
      return assembleEncryptor(shared);
    case "replicator":
      return assembleReplicator({
        ...shared,
        regions: region === undefined ? undefined : [region],
        options: { minAgeMs: 3_600_000 },
      });
  }
}
