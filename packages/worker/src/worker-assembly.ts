import type { AwsClientsOptions } from "@dekhand/aws";
import type { DeploymentConfig, Logger, Metrics } from "@dekhand/runtime";

/** What a worker is made of besides its code. */
export interface WorkerAssembly {
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
  /** Without it, jobs come from SQS only, and KMS calls keep to the local share. */
  readonly redisUrl?: string | undefined;
  /**
   * The value of an environment variable that the configuration names, such as a database's connection string. Default:
   * there are none.
   */
  readonly secret?: (name: string) => string | undefined;
  /** Between two looks whether a failover has moved a profile's home, in milliseconds. Default 5,000. */
  readonly homesRefreshMs?: number;
  /** Default: the SDK's own chain. */
  readonly credentials?: NonNullable<AwsClientsOptions["credentials"]>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}
