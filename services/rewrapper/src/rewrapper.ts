/**
 * The rewrapper: takes rewrap jobs from its queues and moves wraps under their
 * profile's current key. It never unwraps: its role needs kms:ReEncryptFrom and
 * kms:ReEncryptTo, and no kms:Decrypt.
 */

import { type Heartbeat, isKeyTrouble, type KeyDirectory } from "@dekhand/deks";
import { createPatience, type JobConsumer, type RewrapJob } from "@dekhand/jobs";
import type { Logger, Service } from "@dekhand/runtime";
import { createRewrapHandler, type RewrapRegion, type SegmentHandler } from "./rewrap-job.ts";

export interface RewrapperDeps {
  readonly consumers: readonly JobConsumer<RewrapJob>[];
  readonly keys: Pick<KeyDirectory, "allows" | "current">;
  /** KMS and table of each Region that holds wraps. */
  readonly regions: ReadonlyMap<string, RewrapRegion>;
  /** Works at segments of campaigns. Without it, their jobs are handed back. */
  readonly segments?: SegmentHandler | undefined;
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
  return {
    async start() {
      heartbeat.start();
      for (const consumer of consumers) await consumer.start(handler);
      logger.info({ queues: consumers.length }, "taking rewrap jobs");
    },
    async drain({ ms }) {
      // The farewell comes last: a worker that said it has stopped changes no wrap any more.
      const farewellMs = Math.min(1_000, ms * 0.2);
      await Promise.all(consumers.map((consumer) => consumer.drain({ ms: ms - farewellMs })));
      await heartbeat.stop({ ms: farewellMs });
    },
  };
}
