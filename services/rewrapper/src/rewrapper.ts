/**
 * The rewrapper: takes rewrap jobs from its queues and moves wraps under their
 * profile's current key. It never unwraps: its role needs kms:ReEncryptFrom and
 * kms:ReEncryptTo, and no kms:Decrypt.
 */

import { type Heartbeat, isKeyTrouble, type KeyDirectory } from "@dekhand/deks";
import { createPatience, type JobConsumer, type RewrapJob } from "@dekhand/jobs";
import type { Logger, Service } from "@dekhand/runtime";
import { createQueueWorker } from "@dekhand/worker";
import { createRewrapHandler, type RewrapJobDeps, type RewrapRegion, type SegmentHandler } from "./rewrap-job.ts";

export interface RewrapperDeps {
  readonly consumers: readonly JobConsumer<RewrapJob>[];
  readonly keys: Pick<KeyDirectory, "allows" | "current">;
  /** Where a profile's wraps are made; in its other Regions, some are copies. */
  readonly homeOf: RewrapJobDeps["homeOf"];
  /** KMS and table of each Region that holds wraps. */
  readonly regions: ReadonlyMap<string, RewrapRegion>;
  readonly segments: SegmentHandler;
  readonly heartbeat: Heartbeat;
  readonly logger: Logger;
  readonly options?: Partial<RewrapperOptions>;
}

export interface RewrapperOptions {
  /** Jobs of one profile that may wait for a disabled or denied key at once. */
  readonly maxWaitingForKey: number;
  /** How long a job waits for trouble to pass before its message is handed back, in milliseconds. */
  readonly holdMs: number;
}

const defaults: RewrapperOptions = { maxWaitingForKey: 100, holdMs: 6 * 3_600_000 };

export function createRewrapper(deps: RewrapperDeps): Service {
  const { consumers, heartbeat, logger } = deps;
  const patience = createPatience({ ...defaults, ...deps.options, concernsKey: isKeyTrouble, logger });
  const handler = createRewrapHandler({ ...deps, patience });
  return createQueueWorker({ takes: "rewrap jobs", consumers, handler, heartbeat, logger });
}
