import type { AwsClientsOptions } from "@dekhand/aws";
import type { DeploymentConfig, Logger, Metrics } from "@dekhand/runtime";
import type { SegmentHandler } from "./rewrap-job.ts";
import type { RewrapperOptions } from "./rewrapper.ts";

/** What a rewrapper is made of besides its code. */
export interface RewrapperAssembly {
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
  /** Works at segments of campaigns. Without it, their jobs are handed back. */
  readonly segments?: SegmentHandler;
  readonly options?: Partial<RewrapperOptions>;
}
