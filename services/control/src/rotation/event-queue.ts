import { GetQueueUrlCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { createSqsConsumer, type Handler, type JobConsumer, type KmsEvent, kmsEvents } from "@dekhand/jobs";
import type { Logger, Metrics, Service } from "@dekhand/runtime";
import { keepTrying } from "./keep-trying.ts";

export interface EventQueueDeps {
  /** Of the control Region. */
  readonly sqs: SQSClient;
  readonly queue: string;
  readonly onEvent: Handler<KmsEvent>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Takes events from the queue as soon as it can be reached. Until then the poll finds what they would have told. */
export function createEventQueue({ sqs, queue, onEvent, logger, metrics }: EventQueueDeps): Service {
  const stopped = new AbortController();
  const { signal } = stopped;
  let opening: Promise<JobConsumer<KmsEvent> | undefined> = Promise.resolve(undefined);

  const open = async () => {
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }), { abortSignal: signal });
    const consumer = createSqsConsumer({
      jobs: kmsEvents,
      client: sqs,
      queueUrl: QueueUrl ?? "",
      logger,
      metrics,
      // Events are few, and each is a question to KMS.
      pollers: 1,
      maxInFlight: 10,
    });
    await consumer.start(onEvent);
    logger.info({ queue }, "taking in rotation events");
    return consumer;
  };

  return {
    async start() {
      opening = keepTrying(open, { signal, logger, what: `the queue ${queue} of rotation events cannot be used` });
    },
    async drain(deadline) {
      stopped.abort();
      await (await opening)?.drain(deadline);
    },
  };
}
