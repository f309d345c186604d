import type { Heartbeat } from "@dekhand/deks";
import type { Handler, JobConsumer } from "@dekhand/jobs";
import type { Logger, Service } from "@dekhand/runtime";

export interface QueueWorkerDeps<Job> {
  /** Of what is taken, for the log: `encrypt jobs`. */
  readonly takes: string;
  readonly consumers: readonly JobConsumer<Job>[];
  readonly handler: Handler<Job>;
  readonly heartbeat: Heartbeat;
  /** Once no handler runs any more. */
  readonly onIdle?: () => void;
  readonly logger: Logger;
}

/** Takes jobs from its queues until it is drained. */
export function createQueueWorker<Job>(deps: QueueWorkerDeps<Job>): Service {
  const { takes, consumers, handler, heartbeat, onIdle, logger } = deps;
  return {
    async start() {
      heartbeat.start();
      for (const consumer of consumers) await consumer.start(handler);
      logger.info({ queues: consumers.length }, `taking ${takes}`);
    },
    async drain({ ms }) {
      // The farewell comes last: a worker that said it has stopped creates no DEK and changes no wrap any more.
      const farewellMs = Math.min(1_000, ms * 0.2);
      await Promise.all(consumers.map((consumer) => consumer.drain({ ms: ms - farewellMs })));
      onIdle?.();
      await heartbeat.stop({ ms: farewellMs });
    },
  };
}
