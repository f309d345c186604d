import { fileURLToPath } from "node:url";
import { createLogger } from "@dekhand/runtime";
import { spawnScript } from "@dekhand/testing";
import type { AnyJob, QueueSubject } from "../contract/queue-subject.ts";
import type { JobConsumer } from "../delivery.ts";
import { createSqsRejectedJobs } from "../sqs/rejected-messages.ts";
import { createSqsConsumer } from "../sqs/sqs-consumer.ts";
import { createSqsQueue, sqsClient } from "./sqs-queue.ts";
import type { SubjectKind } from "./subject-kinds.ts";
import { createTransitFixture } from "./transit-fixture.ts";

/** A fresh queue on an SQS endpoint for the contract suites. */
export async function sqsSubject<Job extends AnyJob, Input extends AnyJob>(
  endpoint: string,
  kind: SubjectKind<Job, Input>,
): Promise<QueueSubject<Job, Input>> {
  const client = sqsClient(endpoint);
  const queue = await createSqsQueue(client);
  const transit = createTransitFixture();
  const keyring = transit.keyring();
  const producer = kind.sqsProducer({ client, queueUrl: queue.url });
  const logger = createLogger({ service: "test", level: "silent" });
  const rejected = createSqsRejectedJobs({ client, queueUrl: queue.url });
  const consumers: { consumer: JobConsumer<Job>; cutRenewals: () => void; destroy: () => void }[] = [];

  return {
    source: "sqs",
    transit: transit.transit,
    sample: kind.sample,
    rejected,
    failKeyLookUps: transit.failLookUps,
    async submit(...jobs) {
      for (const result of await producer.submit(jobs)) if (!result.ok) throw result.error;
    },
    async submitRaw(...messages) {
      for (const message of messages) await queue.send(JSON.stringify(message));
    },
    consumer({ leaseMs = 2_000, ...settings } = {}) {
      const own = sqsClient(endpoint);
      let cut = false;
      own.middlewareStack.add(
        (next, { commandName }) =>
          (args) => {
            if (cut && commandName === "ChangeMessageVisibilityBatchCommand") throw new Error("cut off by the test");
            return next(args);
          },
        { step: "initialize" },
      );
      const consumer = createSqsConsumer({
        ...settings,
        client: own,
        queueUrl: queue.url,
        logger,
        jobs: kind.jobs(keyring),
        visibilitySeconds: leaseMs / 1_000,
      });
      const cutRenewals = () => {
        cut = true;
      };
      consumers.push({ consumer, cutRenewals, destroy: () => own.destroy() });
      return consumer;
    },
    stuckWorker: () =>
      spawnScript({
        script: fileURLToPath(new URL("./stuck-worker.ts", import.meta.url)),
        args: [JSON.stringify({ queueKind: "sqs", jobKind: kind.jobs(keyring).name, endpoint, queueUrl: queue.url })],
        ready: /^ready$/,
      }),
    async loseLeases() {
      for (const { cutRenewals } of consumers) cutRenewals();
    },
    async reasons() {
      return (await queue.deadLetters()).map(({ attributes }) => ({
        code: attributes.ReasonCode ?? "",
        message: attributes.ReasonMessage ?? "",
        jobId: attributes.JobId,
        recordId: attributes.RecordId,
      }));
    },
    open: queue.open,
    async [Symbol.asyncDispose]() {
      await Promise.all(consumers.map(({ consumer }) => consumer.drain({ ms: 300 })));
      await producer.close();
      keyring.close();
      for (const { destroy } of consumers) destroy();
      client.destroy();
    },
  };
}
