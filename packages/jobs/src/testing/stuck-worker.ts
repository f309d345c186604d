/** A worker in a process of its own that takes jobs and never finishes one. */

import { createLogger } from "@dekhand/runtime";
import { createBullConsumer } from "../bullmq/bull-consumer.ts";
import { createSqsConsumer } from "../sqs/sqs-consumer.ts";
import { createTransitKeyring } from "../transit/transit-keyring.ts";
import { sqsClient } from "./sqs-queue.ts";

const settings = JSON.parse(process.argv[2] ?? "{}");
const logger = createLogger({ service: "stuck", level: "silent" });

const consumer =
  settings.kind === "sqs"
    ? createSqsConsumer({
        client: sqsClient(settings.endpoint),
        queueUrl: settings.queueUrl,
        logger,
        visibilitySeconds: 2,
      })
    : createBullConsumer({
        ...settings,
        logger,
        lockMs: 1_000,
        stalledIntervalMs: 300,
        quarantine: () => Promise.resolve(),
        transit: createTransitKeyring({ load: async () => Buffer.from(settings.privateKey, "base64") }),
      });

await consumer.start(({ job }) => {
  process.stdout.write(`took ${job.id}\n`);
  return new Promise(() => undefined);
});
process.stdout.write("ready\n");
