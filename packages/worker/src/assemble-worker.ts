import type { JobConsumer } from "@dekhand/jobs";
import type { QuotaStatus } from "@dekhand/kms";
import type { Service } from "@dekhand/runtime";
import { connectWorker, type WorkerConnections } from "./connect-worker.ts";
import type { WorkerAssembly } from "./worker-assembly.ts";

/** A worker from a deployment's configuration. Nothing is contacted before `start`. */
export interface AssembledWorker<Job> extends Service {
  /** The queue ends, once started: for progress and status. */
  consumers(): readonly JobConsumer<Job>[];
  /** Started, and the state table could be written lately. */
  ready(): boolean;
  /** How this process gets its part of the KMS quota; empty before the start. */
  quota(): readonly QuotaStatus[];
}

/** What a worker's own code makes of its connections. */
export interface WorkerParts<Job> {
  readonly service: Service;
  readonly consumers: readonly JobConsumer<Job>[];
  /** Lets go of what is the worker's own; after it has drained, before the connections close. */
  readonly release?: () => void;
}

interface Running<Job> extends WorkerParts<Job> {
  readonly connections: WorkerConnections;
}

/** `start` throws KmsError, StoreError and JobsError when what the worker needs cannot be reached. */
export function assembleWorker<Job>(
  assembly: WorkerAssembly,
  name: string,
  build: (connections: WorkerConnections) => Promise<WorkerParts<Job>>,
): AssembledWorker<Job> {
  let running: Running<Job> | undefined;
  const release = async () => {
    running?.release?.();
    await running?.connections.close();
  };
  return {
    consumers: () => running?.consumers ?? [],
    ready: () => running?.connections.heartbeat.ok ?? false,
    quota: () => running?.connections.quota.status() ?? [],
    async start() {
      running = await wire(assembly, name, build);
      try {
        await running.service.start();
      } catch (error) {
        await running.service.drain({ ms: 0 });
        await release();
        throw error;
      }
    },
    async drain(deadline) {
      await running?.service.drain(deadline);
      await release();
    },
  };
}

async function wire<Job>(...[assembly, name, build]: Parameters<typeof assembleWorker<Job>>): Promise<Running<Job>> {
  const connections = await connectWorker(assembly, name);
  try {
    return { ...(await build(connections)), connections };
  } catch (error) {
    await connections.close();
    throw error;
  }
}
