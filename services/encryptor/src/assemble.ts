/** An encryptor from a deployment's configuration. Nothing is contacted before `start`. */

import type { AwsClientsOptions } from "@dekhand/aws";
import type { JobConsumer } from "@dekhand/jobs";
import type { DeploymentConfig, Logger, Metrics, Service } from "@dekhand/runtime";
import type { EncryptorOptions } from "./encryptor.ts";
import { type WiredEncryptor, wireEncryptor } from "./wire.ts";

export interface EncryptorAssembly {
  readonly config: DeploymentConfig;
  readonly workerId: string;
  readonly version: string;
  /** Jobs in work at once, in each kind of queue. */
  readonly concurrency: number;
  /**
   * How long a job stays ours without renewal, in seconds: how soon another
   * worker gets it after a crash. Default: 60 for SQS, 30 for BullMQ.
   */
  readonly leaseSeconds?: number | undefined;
  /** Without it, jobs come from SQS only. */
  readonly redisUrl?: string | undefined;
  /** Default: the SDK's own chain. */
  readonly credentials?: NonNullable<AwsClientsOptions["credentials"]>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly options?: Partial<EncryptorOptions>;
}

export interface AssembledEncryptor extends Service {
  /** The queue ends, once started: for progress and status. */
  consumers(): readonly JobConsumer[];
  /** Started, and the state table could be written lately. */
  ready(): boolean;
}

export function assembleEncryptor(assembly: EncryptorAssembly): AssembledEncryptor {
  let wired: WiredEncryptor | undefined;
  return {
    consumers: () => wired?.consumers ?? [],
    ready: () => wired?.ready() ?? false,
    async start() {
      wired = await wireEncryptor(assembly);
      try {
        await wired.service.start();
      } catch (error) {
        await wired.service.drain({ ms: 0 });
        wired.release();
        throw error;
      }
    },
    async drain(deadline) {
      await wired?.service.drain(deadline);
      wired?.release();
    },
  };
}
