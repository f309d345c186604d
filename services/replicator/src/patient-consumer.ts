import type { ConsumerStats, Handler, JobConsumer } from "@dekhand/jobs";
import { deadlineIn, type Logger, rateLimited, sleep, waitFor } from "@dekhand/runtime";

export interface PatientConsumerOptions<Job> {
  /** One that has not been started. */
  readonly open: () => JobConsumer<Job>;
  readonly logger: Logger;
  /** Between two tries, in milliseconds. Default 5,000. */
  readonly retryMs?: number;
}

const none: ConsumerStats = {
  inFlight: 0,
  inFlightBytes: 0,
  received: 0,
  done: 0,
  retried: 0,
  rejected: 0,
  lost: 0,
};

/** How long a start waits for its first try, in milliseconds: what needs no queue is to begin. */
const firstTryMs = 2_000;

/**
 * A consumer whose queue need not be there: it goes on trying in the background. For jobs that are wake-ups only, where who
 * takes them has work without them.
 */
export function createPatientConsumer<Job>({
  open,
  logger,
  retryMs = 5_000,
}: PatientConsumerOptions<Job>): JobConsumer<Job> {
  const stopped = new AbortController();
  const { signal } = stopped;
  const warnings = rateLimited(logger, { everyMs: 60_000 });
  let current: JobConsumer<Job> | undefined;
  let trying: Promise<void> = Promise.resolve();

  /** Whether it takes jobs now. A consumer is started once: each try has one of its own. */
  const tryToStart = async (handler: Handler<Job>): Promise<boolean> => {
    const consumer = open();
    current = consumer;
    try {
      await consumer.start(handler);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      warnings.log("warn", "queue", { err: error }, "a queue cannot be used; it is tried again");
      await consumer.drain({ ms: 0 });
      return false;
    }
  };

  const keepTrying = async (handler: Handler<Job>): Promise<void> => {
    while (!signal.aborted) {
      await sleep(retryMs, { signal }).catch(() => undefined);
      if (signal.aborted || (await tryToStart(handler))) return;
    }
  };

  return {
    async start(handler) {
      const first = tryToStart(handler);
      trying = first.then((isStarted) => (isStarted ? undefined : keepTrying(handler)));
      using limit = deadlineIn(firstTryMs, signal);
      await waitFor(first, limit.signal).catch(() => undefined);
    },
    async drain(deadline) {
      stopped.abort();
      await Promise.all([current?.drain(deadline), trying]);
    },
    stats: () => current?.stats() ?? none,
  };
}
